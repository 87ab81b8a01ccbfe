using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>What the tables of an event store have on SQL Server beside the rest.</summary>
internal static class SqlServerEventTables
{
    private const int TimeLength = 28;

    /// <summary>Completes a model.</summary>
    public static ModelBuilder Complete(ModelBuilder modelBuilder, EventStoreTables tables) => modelBuilder
        .Entity<EventRow>(Complete)
        .Entity<EventNumberRow>(row => Map(row, tables))
        .Entity<Subscriptions.SubscriptionRow>(row => row.Property(one => one.Name).UseCollation(SqlServerProvider.Ordinal));

    private static void Complete(EntityTypeBuilder<EventRow> row)
    {
        // In the order in which they are appended and the feed reads them. A clustered key takes 900 bytes at most, of which a stream may have 1,024.
        row.HasKey(one => new { one.Stream, one.Version }).HasAnnotation(SqlServerProvider.Clustered, false);
        row.HasIndex(one => new { one.Number, one.Index }).HasAnnotation(SqlServerProvider.Clustered, true);

        row.Property(one => one.Stream).UseCollation(SqlServerProvider.Ordinal);
        row.Property(one => one.Time).HasMaxLength(TimeLength).IsFixedLength().IsUnicode(false);

        // Drawn from the row of numbers. A sequence or an identity column gives numbers out before others have committed theirs.
        row.Property(one => one.Number).ValueGeneratedNever();
    }

    private static void Map(EntityTypeBuilder<EventNumberRow> row, EventStoreTables tables)
    {
        row.ToTable(tables.Numbers, tables.Schema).HasKey(one => one.Id);
        row.Property(one => one.Id).HasColumnName("id").ValueGeneratedNever();
        row.Property(one => one.Number).HasColumnName("number");
        row.HasData(new EventNumberRow { Id = 1, Number = 0 });
    }
}
