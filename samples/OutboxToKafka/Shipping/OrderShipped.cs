using Messaging.Patterns.Serialization;

namespace OutboxToKafka.Shipping;

[EventType("order-shipped")]
public sealed record OrderShipped(string OrderId, string ParcelId);
