using Microsoft.EntityFrameworkCore;

namespace OutboxToKafka.Shipping;

public sealed class ShippingContext(DbContextOptions<ShippingContext> options) : DbContext(options)
{
    public DbSet<Parcel> Parcels => Set<Parcel>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingPatterns();
        modelBuilder.Entity<Parcel>();
    }
}
