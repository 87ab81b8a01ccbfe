using Microsoft.EntityFrameworkCore;

namespace OutboxToKafka.Ordering;

public sealed class OrderingContext(DbContextOptions<OrderingContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        // The tables of outbox and inbox.
        modelBuilder.AddMessagingPatterns();
        modelBuilder.Entity<Order>();
    }
}
