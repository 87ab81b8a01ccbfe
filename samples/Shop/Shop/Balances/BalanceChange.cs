namespace Shop.Balances;

/// <summary>A change of a balance, at the place of its event: when the event comes again after a rewind, the change is written anew.</summary>
public sealed class BalanceChange
{
    /// <summary>Gets the topic of the event.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition of the event.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the offset of the event.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the customer.</summary>
    public required string Customer { get; init; }

    /// <summary>Gets what the customer is called, if the event says so.</summary>
    public string? Name { get; init; }

    /// <summary>Gets or sets what is added, in cents.</summary>
    public long Amount { get; set; }
}
