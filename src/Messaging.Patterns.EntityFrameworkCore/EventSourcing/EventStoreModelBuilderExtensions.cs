using Messaging.Patterns.EntityFrameworkCore;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Adds the tables of an event store to a model.</summary>
public static class EventStoreModelBuilderExtensions
{
    /// <summary>Maps the tables of an event store, for the migrations of the context to create.</summary>
    /// <param name="modelBuilder">The model builder, in <c>OnModelCreating</c>.</param>
    /// <param name="configure">Sets schema and names.</param>
    public static ModelBuilder AddEventStore(this ModelBuilder modelBuilder, Action<EventStoreTables>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var tables = new EventStoreTables();
        configure?.Invoke(tables);

        modelBuilder.Entity<EventRow>(row => Map(row, tables)).Entity<SubscriptionRow>(row => Map(row, tables));
        return SqlServerProvider.IsProviderOf(modelBuilder.Model) ? SqlServerEventTables.Complete(modelBuilder, tables) : modelBuilder;
    }

    private static void Map(EntityTypeBuilder<SubscriptionRow> row, EventStoreTables tables)
    {
        row.ToTable(tables.Subscriptions, tables.Schema).HasKey(one => one.Name);
        row.Property(one => one.Name).HasColumnName("name");
        row.Property(one => one.Number).HasColumnName("number");
        row.Property(one => one.Handled).HasColumnName("handled");
        row.Property(one => one.Token).HasColumnName("token");
        row.Property(one => one.Beat).HasColumnName("beat");
        row.Property(one => one.IsFree).HasColumnName("is_free");
    }

    private static void Map(EntityTypeBuilder<EventRow> row, EventStoreTables tables)
    {
        // The unique places are what decides between appends at the same time.
        row.ToTable(tables.Events, tables.Schema).HasKey(one => new { one.Stream, one.Version });
        row.HasIndex(one => new { one.Number, one.Index }).IsUnique();
        row.HasIndex(one => new { one.Stream, one.AppendId, one.Index }).IsUnique();

        row.Property(one => one.Stream).HasColumnName("stream").HasMaxLength(StreamId.MaxBytes);
        row.Property(one => one.Version).HasColumnName("version").ValueGeneratedNever();

        // An identity column, whose sequence appends draw from; rows are given the number that was drawn for their append.
        row.Property(one => one.Number).HasColumnName("number").ValueGeneratedOnAdd();
        row.Property(one => one.Index).HasColumnName("event_index");
        row.Property(one => one.AppendId).HasColumnName("append_id");
        row.Property(one => one.EventId).HasColumnName("event_id");
        row.Property(one => one.Type).HasColumnName("type");
        row.Property(one => one.Time).HasColumnName("time");
        row.Property(one => one.ContentType).HasColumnName("content_type");
        row.Property(one => one.Metadata).HasColumnName("metadata");
        row.Property(one => one.Data).HasColumnName("data");
    }
}
