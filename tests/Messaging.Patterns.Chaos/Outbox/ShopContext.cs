using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>The database of these scenarios.</summary>
internal sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    /// <summary>Gets which event of a key came first, by a counter that is taken under its lock.</summary>
    public DbSet<LedgerRow> Ledger => Set<LedgerRow>();

    public DbSet<Effect> Effects => Set<Effect>();

    public DbSet<Note> Notes => Set<Note>();

    /// <summary>Takes the next number of a counter, whose row stays locked until the transaction ends.</summary>
    public async Task<long> TakeAsync(string counter, CancellationToken cancellationToken) => (await Database.SqlQuery<long>(
        $"INSERT INTO counters VALUES ({counter}, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value AS \"Value\"").ToListAsync(cancellationToken))[0];

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingPatterns();
        modelBuilder.Entity<LedgerRow>().ToTable("ledger").HasKey(row => new { row.Key, row.Number });
        modelBuilder.Entity<Effect>().ToTable("effects").HasKey(effect => effect.Id);

        // EF Core writes it before the outbox, since that is its order of tables.
        modelBuilder.Entity<Note>().ToTable("a_notes").HasKey(note => note.Id);
        modelBuilder.Entity<Counter>(counter =>
        {
            counter.ToTable("counters").HasKey(one => one.Name);
            counter.Property(one => one.Name).HasColumnName("name");
            counter.Property(one => one.Value).HasColumnName("value");
        });
    }
}

internal sealed class LedgerRow
{
    public required string Key { get; init; }

    public required long Number { get; init; }

    public required string EventId { get; init; }
}

/// <summary>An event took effect.</summary>
internal sealed class Effect
{
    public long Id { get; init; }

    public required string Group { get; init; }

    public required string Key { get; init; }

    /// <summary>Gets its place among the group's effects of the key, from a counter that was taken under its lock.</summary>
    public required long Sequence { get; init; }

    public required string EventId { get; init; }

    public required int Partition { get; init; }

    public required long Offset { get; init; }

    public required long Epoch { get; init; }

    public required string By { get; init; }
}

/// <summary>Something else that a transaction writes.</summary>
internal sealed class Note
{
    public long Id { get; init; }

    public required string Text { get; init; }
}

internal sealed class Counter
{
    public required string Name { get; init; }

    public required long Value { get; init; }
}
