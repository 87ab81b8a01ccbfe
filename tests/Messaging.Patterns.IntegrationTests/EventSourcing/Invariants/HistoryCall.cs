using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>What became of an append.</summary>
internal enum CallOutcome
{
    Accepted,
    Conflict,
    Unknown,
    NotWritten,
}

/// <summary>One append of a history: what was asked for, when, and what was answered.</summary>
internal sealed record HistoryCall(string Stream, AppendId Id, string Text, int Count, ExpectedVersion Expected, long Started)
{
    public long Ended { get; set; } = long.MaxValue;

    public CallOutcome Outcome { get; set; }

    public AppendResult? Result { get; set; }

    public long ActualVersion { get; set; }

    public PendingAppend? Pending { get; set; }

    public List<AppendResolution> Resolutions { get; } = [];

    /// <summary>Gets whether it repeats an earlier call with the same append id.</summary>
    public bool IsRepeat { get; init; }
}

/// <summary>One read of a history.</summary>
internal sealed record HistoryRead(string Stream, int Client, ReadConsistency Consistency, long Started, long Ended, IReadOnlyList<RecordedEvent> Events);
