namespace OutboxToKafka.Ordering;

public sealed class Order
{
    public required string Id { get; init; }

    public required string Product { get; init; }

    public required int Quantity { get; init; }

    /// <summary>Gets or sets the parcel that the order was shipped with.</summary>
    public string? ParcelId { get; set; }
}
