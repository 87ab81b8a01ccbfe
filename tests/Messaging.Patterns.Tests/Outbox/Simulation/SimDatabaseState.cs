namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>What is in the database, and on its disk: it may go back to an earlier one.</summary>
internal sealed class SimDatabaseState
{
    public SimDatabaseState()
    {
    }

    /// <summary>Copies a state.</summary>
    public SimDatabaseState(SimDatabaseState original)
    {
        Outbox = new(original.Outbox);
        Parked = new(original.Parked);
        Ended = [.. original.Ended];
        Committed = [.. original.Committed];
        Contents = [.. original.Contents];
        Leases = new(original.Leases);
        (NextId, NextTransaction) = (original.NextId, original.NextTransaction);
    }

    public SortedDictionary<long, SimRow> Outbox { get; } = [];

    public SortedDictionary<long, SimRow> Parked { get; } = [];

    /// <summary>Gets the transactions that have ended.</summary>
    public HashSet<ulong> Ended { get; } = [];

    /// <summary>Gets those that were committed.</summary>
    public HashSet<ulong> Committed { get; } = [];

    /// <summary>Gets the contents that are committed.</summary>
    public HashSet<long> Contents { get; } = [];

    public SimLeases Leases { get; } = new();

    public long NextId { get; set; } = 1;

    public ulong NextTransaction { get; set; } = 10;
}
