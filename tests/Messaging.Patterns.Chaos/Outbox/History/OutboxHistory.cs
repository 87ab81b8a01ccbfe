using Messaging.Patterns.Chaos.Consume.History;

namespace Messaging.Patterns.Chaos.Outbox.History;

/// <summary>Everything that was seen in a run, and what database and topics hold in the end.</summary>
internal sealed record OutboxHistory
{
    public IReadOnlyList<(string Process, TransactionEnded Told)> Transactions { get; init; } = [];

    public IReadOnlyList<(string Process, Broken Told)> Broken { get; init; } = [];

    /// <summary>Gets the ledger: which event of a key was which.</summary>
    public IReadOnlyList<Entered> Ledger { get; init; } = [];

    /// <summary>Gets the topic's records, in order of their offsets per partition.</summary>
    public IReadOnlyList<Sent> Log { get; init; } = [];

    /// <summary>Gets what the handlers did; <see langword="null"/> where there are none.</summary>
    public IReadOnlyList<TookEffect>? Effects { get; init; }

    /// <summary>Gets what the handlers told of it, as the topic has it.</summary>
    public IReadOnlyList<SentOn> Told { get; init; } = [];

    /// <summary>Gets the orders to the groups, and what owners acknowledged.</summary>
    public IReadOnlyList<ControlRecord> Control { get; init; } = [];
}

/// <summary>A line of the ledger.</summary>
internal sealed record Entered(string Key, long Number, string Id);

/// <summary>A record of the topic.</summary>
internal sealed record Sent(int Partition, long Offset, string Key, string Id);

/// <summary>An effect of an event.</summary>
/// <param name="Group">The group.</param>
/// <param name="Key">The key.</param>
/// <param name="Sequence">Its place among the group's effects of the key.</param>
/// <param name="Id">The event.</param>
/// <param name="Partition">The partition of the record that it was handled from.</param>
/// <param name="Offset">That record's offset.</param>
/// <param name="Epoch">The epoch of the rewind after which it was handled, 0 for none.</param>
/// <param name="By">The member.</param>
internal sealed record TookEffect(string Group, string Key, long Sequence, string Id, int Partition, long Offset, long Epoch, string By);

/// <summary>A record of the topic of what is told.</summary>
/// <param name="Group">The group that handled the event.</param>
/// <param name="Key">The key.</param>
/// <param name="Id">Its own id.</param>
/// <param name="Of">The event that was handled.</param>
internal sealed record SentOn(string Group, string Key, string Id, string Of);
