using Microsoft.EntityFrameworkCore;
using Shop.Balances;
using Shop.Orders;

namespace Shop.ReadModels;

/// <summary>The tables that follow from the shop's events: in a SQLite file, which the processes on one machine share, or in a PostgreSQL, which those on several do.</summary>
public sealed class ReadContext(DbContextOptions<ReadContext> options) : DbContext(options)
{
    /// <summary>Gets the changes of balances: kept by <see cref="BalanceProjection"/>, read by <see cref="BalanceQueries"/>.</summary>
    public DbSet<BalanceChange> Changes => Set<BalanceChange>();

    /// <summary>Gets the orders: kept by <see cref="OrderProjection"/>, read by <see cref="OrderQueries"/>.</summary>
    public DbSet<OrderRow> Orders => Set<OrderRow>();

    /// <summary>Gets what does not follow from events.</summary>
    public DbSet<ReadSetting> Settings => Set<ReadSetting>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);

        // With the position of each consumer group, which moves in the transactions that change the tables.
        modelBuilder.AddMessagingPatterns();
        modelBuilder.Entity<BalanceChange>().HasKey(change => new { change.Topic, change.Partition, change.Offset });
        modelBuilder.Entity<BalanceChange>().HasIndex(change => change.Customer);
        modelBuilder.Entity<OrderRow>().HasKey(order => order.Number);
        modelBuilder.Entity<OrderRow>().HasIndex(order => order.Id).IsUnique();
        modelBuilder.Entity<OrderRow>().Property(order => order.Status).HasConversion<string>();
        modelBuilder.Entity<ReadSetting>().HasKey(setting => setting.Name);
    }
}
