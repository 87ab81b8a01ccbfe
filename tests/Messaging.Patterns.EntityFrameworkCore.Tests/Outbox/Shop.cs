using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>An entity whose table sorts before those of the outbox, and which collects events.</summary>
public sealed class Account
{
    public required string Id { get; init; }

    public int Count { get; set; }

    public List<object> Events { get; } = [];
}

/// <summary>An entity whose table sorts behind those of the outbox.</summary>
public sealed class Zone
{
    public required string Id { get; init; }

    public int Count { get; set; }
}

[EventType("counted")]
public sealed record Counted(string Key, int Count);

[EventType("painted")]
public sealed record Painted(string Key, string Color);

[EventType("unroutable")]
public sealed record Unroutable;

[EventType("unwritable")]
public sealed record Unwritable
{
    public Type NoJson => typeof(Unwritable);
}

public abstract class ShopModel(DbContextOptions options) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<Zone> Zones => Set<Zone>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Account>(account =>
        {
            account.ToTable("accounts").Ignore(one => one.Events);
            account.Property(one => one.Count).IsConcurrencyToken();
        });
        modelBuilder.Entity<Zone>(zone =>
        {
            zone.ToTable("zones");
            zone.Property(one => one.Count).IsConcurrencyToken();
        });
        modelBuilder.AddMessagingPatterns();
    }
}

public sealed class ShopContext(DbContextOptions<ShopContext> options) : ShopModel(options);

/// <summary>A second context of the process.</summary>
public sealed class OtherContext(DbContextOptions<OtherContext> options) : ShopModel(options);
