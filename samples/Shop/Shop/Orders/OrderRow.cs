namespace Shop.Orders;

/// <summary>An order.</summary>
public sealed class OrderRow
{
    /// <summary>Gets a number that grows from order to order, as they are put into the table.</summary>
    public long Number { get; init; }

    /// <summary>Gets the order.</summary>
    public required string Id { get; init; }

    /// <summary>Gets who placed it.</summary>
    public required string Customer { get; init; }

    /// <summary>Gets what it costs, in cents.</summary>
    public required long Amount { get; init; }

    /// <summary>Gets or sets how far it has come.</summary>
    public OrderStatus Status { get; set; } = OrderStatus.Placed;

    /// <summary>Gets or sets why it was rejected.</summary>
    public string? Reason { get; set; }
}
