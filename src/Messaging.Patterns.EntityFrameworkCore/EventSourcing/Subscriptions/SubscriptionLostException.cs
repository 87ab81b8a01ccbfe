namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Another instance has taken a subscription over. What its former owner was doing is rolled back.</summary>
internal sealed class SubscriptionLostException(string name) : Exception($"Another instance works on subscription '{name}' now.");
