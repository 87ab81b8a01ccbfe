using Shop.Orders;

namespace Shop.Demo.Check;

/// <summary>What the log says of an order, in the order's own stream and in its customer's.</summary>
public sealed class FoldedOrder
{
    /// <summary>Gets who placed it and for how much, once for each time.</summary>
    public List<(string CustomerId, long Amount)> Places { get; } = [];

    /// <summary>Gets what was debited for it, once for each time.</summary>
    public List<long> Debits { get; } = [];

    /// <summary>Gets or sets how often a debit was refused.</summary>
    public int Refusals { get; set; }

    /// <summary>Gets or sets how often it was confirmed.</summary>
    public int Confirmations { get; set; }

    /// <summary>Gets or sets how often it was rejected.</summary>
    public int Rejections { get; set; }

    /// <summary>Gets how far it has come.</summary>
    public OrderStatus Status => Confirmations > 0 ? OrderStatus.Confirmed : Rejections > 0 ? OrderStatus.Rejected : OrderStatus.Placed;
}
