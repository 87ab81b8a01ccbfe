using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>A row of the outbox in the relay's hands.</summary>
/// <param name="id">Its number: within a key the order in which the transactions that wrote it held the key's lock.</param>
/// <param name="bucket">The bucket of keys that it belongs to, which one instance holds by a lease.</param>
/// <param name="key">What keeps it in order with others.</param>
/// <param name="record">What is sent.</param>
internal sealed class RelayRow(long id, int bucket, string key, OutgoingRecord? record = null)
{
    public long Id { get; } = id;

    public int Bucket { get; } = bucket;

    public string Key { get; } = key;

    public OutgoingRecord? Record { get; } = record;

    /// <summary>Gets whether a row of its key was parked when it was read.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>Gets or sets the run of the database in which it was read.</summary>
    public string? Run { get; set; }

    /// <summary>Gets or sets how often it was sent in vain.</summary>
    public int Failures { get; set; }

    /// <summary>Gets or sets how many rows may be in a transaction with it: fewer each time that it was refused together with others, so that the guilty one is found.</summary>
    public int AtMostTogether { get; set; } = int.MaxValue;

    /// <summary>Gets or sets since when its topic is known to be missing, if it is.</summary>
    public TimeSpan? MissingSince { get; set; }

    /// <summary>Gets or sets why it was refused or failed last.</summary>
    public string? Reason { get; set; }

    /// <summary>Gets or sets whether the lease of its bucket went while it was held. What becomes of it is no longer this instance's business, except that it is deleted if it was stored.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Returns whether both may be in one transaction: what failed goes apart, so that it does not take along what never did.</summary>
    public bool GoesWith(RelayRow other) => AtMostTogether == other.AtMostTogether && Failures > 0 == other.Failures > 0;
}
