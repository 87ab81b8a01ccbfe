namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>How far a subscription has got.</summary>
/// <param name="Number">The number of the last append of which an event was handled or passed over.</param>
/// <param name="Handled">How many of its events were.</param>
internal readonly record struct SubscriptionPlace(long Number, int Handled)
{
    /// <summary>Returns the place behind the next event, which belongs to the append with this number.</summary>
    public SubscriptionPlace Behind(long number) => number == Number ? this with { Handled = Handled + 1 } : new(number, 1);
}
