namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>How far a subscription has got, and who works on it: a row of the table <see cref="EventStoreTables.Subscriptions"/>.</summary>
public sealed class SubscriptionRow
{
    /// <summary>Gets the subscription's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the number of the last append of which an event was handled or passed over.</summary>
    public long Number { get; init; }

    /// <summary>Gets how many of its events were.</summary>
    public int Handled { get; init; }

    /// <summary>Gets the fencing token: it grows whenever another instance takes over.</summary>
    public long Token { get; init; }

    /// <summary>Gets a number that grows while the owner lives.</summary>
    public long Beat { get; init; }

    /// <summary>Gets whether the owner has gone in good order.</summary>
    public bool IsFree { get; init; }
}
