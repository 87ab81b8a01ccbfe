using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.History;

/// <summary>Everything that was seen in a run, by everybody, and what the topics and files hold in the end.</summary>
internal sealed record ConsumeHistory
{
    /// <summary>Gets the topic's records, in order of their offsets per partition.</summary>
    public IReadOnlyList<LoggedEvent> Log { get; init; } = [];

    public IReadOnlyList<(string Process, Published Told)> Published { get; init; } = [];

    public IReadOnlyList<Handling> Handlings { get; init; } = [];

    public IReadOnlyList<(string Process, RewindPlanned Told)> Plans { get; init; } = [];

    public IReadOnlyList<(string Process, Ordered Told)> Orders { get; init; } = [];

    public IReadOnlyList<(string Process, Broken Told)> Broken { get; init; } = [];

    /// <summary>Gets the control topic's records.</summary>
    public IReadOnlyList<ControlRecord> Control { get; init; } = [];

    public IReadOnlyList<SetAside> DeadLetters { get; init; } = [];

    /// <summary>Gets what was redirected.</summary>
    public IReadOnlyList<RedirectedEvent> Redirected { get; init; } = [];

    /// <summary>Gets what the listeners had committed at times.</summary>
    public IReadOnlyList<Committed> Commits { get; init; } = [];

    /// <summary>Gets what the projection's group had committed at times.</summary>
    public IReadOnlyList<Committed> ProjectionCommits { get; init; } = [];

    /// <summary>Gets the projection: each partition's lines, in their order.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<PositionLine>> Projection { get; init; } = new Dictionary<int, IReadOnlyList<PositionLine>>();

    /// <summary>Gets the times in which processes were paused.</summary>
    public IReadOnlyList<(string Process, long From, long To)> Pauses { get; init; } = [];
}

/// <summary>A record of the topic.</summary>
internal sealed record LoggedEvent(int Partition, long Offset, string Key, long Number, bool IsPoison, DateTimeOffset Time);

/// <summary>A call of the listeners' handler.</summary>
/// <param name="Process">The member, with the number of its start.</param>
/// <param name="Event">The event.</param>
/// <param name="Ended">When it succeeded; never, when it failed or its process was killed.</param>
internal sealed record Handling(string Process, HandlingBegun Event, long Ended);

/// <summary>A dead letter.</summary>
/// <param name="At">Its offset in the topic of dead letters.</param>
/// <param name="Partition">The record's partition.</param>
/// <param name="Offset">The record's offset.</param>
/// <param name="Epoch">The group's epoch.</param>
internal sealed record SetAside(long At, int Partition, long Offset, long Epoch);

/// <summary>A record that was redirected.</summary>
/// <param name="At">Its offset in the partition of the retry topic, which has the number of its own.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
internal sealed record RedirectedEvent(long At, int Partition, long Offset);

/// <summary>A line of the projection: an effect, or a rewind.</summary>
/// <param name="At">When.</param>
/// <param name="By">The process.</param>
/// <param name="Epoch">The epoch that holds from then on.</param>
/// <param name="Next">The position that holds from then on.</param>
/// <param name="Number">The number of the event that took effect, or <see langword="null"/> for a rewind.</param>
internal sealed record PositionLine(long At, string By, long Epoch, long Next, long? Number);

/// <summary>A record of the control topic.</summary>
/// <param name="Epoch">Its offset.</param>
/// <param name="Kind">What it is: an order or an acknowledgement.</param>
/// <param name="Group">The group.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Of">The offset to skip, or the epoch that is acknowledged; else 0.</param>
/// <param name="Value">The target of a rewind, or the epoch of the rewind that holds after an acknowledgement; else 0.</param>
internal sealed record ControlRecord(long Epoch, string Kind, string Group, int Partition, long Of, long Value)
{
    public const string Rewind = "rewind";
    public const string Pause = "pause";
    public const string Skip = "skip";
    public const string Done = "done";
}
