using System.Collections.Concurrent;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>What happened to an event store while its brokers failed, and what its log holds.</summary>
internal sealed class History
{
    public IReadOnlyList<string> Streams { get; } = [.. Enumerable.Range(1, 6).Select(number => $"note-{number}")];

    public ConcurrentBag<HistoryCall> Calls { get; } = [];

    public ConcurrentBag<HistoryRead> Reads { get; } = [];

    /// <summary>Gets the times between which a deposed leader may have answered.</summary>
    public ConcurrentBag<(long From, long To)> Pauses { get; } = [];

    /// <summary>Gets what rule F accepts, folded by a foreign client.</summary>
    public IReadOnlyList<AcceptedEvent> Accepted { get; set; } = [];

    /// <summary>Gets what rule F accepts once every record was written again.</summary>
    public IReadOnlyList<AcceptedEvent> AcceptedWithCopies { get; set; } = [];

    /// <summary>Gets what each instance reads in the end: one that was there all the time, one restored from its file, one that is new.</summary>
    public List<List<AcceptedEvent>> Tables { get; } = [];

    /// <summary>Gets the versions that an instance without read store holds in the end, restored from its checkpoint.</summary>
    public Dictionary<string, long> RestoredVersions { get; } = [];
}
