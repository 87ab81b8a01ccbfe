using Messaging.Patterns.Serialization;

namespace OutboxToKafka.Ordering;

[EventType("order-placed")]
public sealed record OrderPlaced(string OrderId, string Product, int Quantity);
