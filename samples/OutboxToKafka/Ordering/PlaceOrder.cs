namespace OutboxToKafka.Ordering;

public sealed record PlaceOrder(string Product, int Quantity);
