using Messaging.Patterns.EventSourcing;

namespace Shop.Orders;

/// <summary>An order as it follows from its events, and the rules by which it changes: each takes a state and returns the events to append.</summary>
/// <param name="Status">How far it has come.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Amount">What it costs, in cents.</param>
/// <param name="Reason">Why it was rejected.</param>
public sealed record Order(OrderStatus Status, string CustomerId, long Amount, string? Reason)
{
    /// <summary>The category of the streams of orders.</summary>
    public const string Category = "order";

    /// <summary>Gets how an order follows from its events.</summary>
    public static Decider<Order> Decider { get; } = new(new Order(OrderStatus.None, CustomerId: "", Amount: 0, Reason: null), Evolve);

    /// <summary>Returns the stream of an order.</summary>
    public static StreamId Stream(string orderId) => new(Category, orderId);

    /// <summary>Places the order.</summary>
    public IEnumerable<object> Place(string orderId, string customerId, long amount) => Status == OrderStatus.None
        ? [new OrderPlaced(orderId, customerId, amount)]
        : throw new ShopException(ShopError.Conflict, $"Order '{orderId}' has already been placed.");

    /// <summary>Confirms the order once it is paid.</summary>
    public IEnumerable<object> Confirm(string orderId) => Status == OrderStatus.Placed ? [new OrderConfirmed(orderId)] : [];

    /// <summary>Rejects the order when it is not paid.</summary>
    public IEnumerable<object> Reject(string orderId, string reason) => Status == OrderStatus.Placed ? [new OrderRejected(orderId, reason)] : [];

    private static Order Evolve(Order order, object @event) => @event switch
    {
        OrderPlaced placed => order with { Status = OrderStatus.Placed, CustomerId = placed.CustomerId, Amount = placed.Amount },
        OrderConfirmed => order with { Status = OrderStatus.Confirmed },
        OrderRejected rejected => order with { Status = OrderStatus.Rejected, Reason = rejected.Reason },
        _ => order,
    };
}
