namespace OutboxToKafka.Shipping;

public sealed class Parcel
{
    public required string Id { get; init; }

    public required string OrderId { get; init; }
}
