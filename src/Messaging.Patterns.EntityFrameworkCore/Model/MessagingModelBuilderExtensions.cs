using Messaging.Patterns.EntityFrameworkCore;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Adds the library's tables to a model.</summary>
public static class MessagingModelBuilderExtensions
{
    private const int TopicLength = 249;
    private const int TraceParentLength = 55;

    // Some databases know no kind of time; all of ours are UTC.
    private static readonly ValueConverter<DateTime, DateTime> Utc = new(time => time, stored => DateTime.SpecifyKind(stored, DateTimeKind.Utc));

    /// <summary>Maps the tables of outbox and inbox, for the migrations of the context to create.</summary>
    /// <param name="modelBuilder">The model builder, in <c>OnModelCreating</c>.</param>
    /// <param name="configure">Sets schema and names.</param>
    public static ModelBuilder AddMessagingPatterns(this ModelBuilder modelBuilder, Action<MessagingTables>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        var tables = new MessagingTables();
        configure?.Invoke(tables);

        modelBuilder.Entity<OutboxRow>(row => Map(row, tables));
        modelBuilder.Entity<DelayedOutboxRow>(row => Map(row, tables));
        modelBuilder.Entity<ParkedOutboxRow>(row => Map(row, tables));
        modelBuilder.Entity<OutboxLease>(lease => Map(lease, tables));

        if (tables.SentOutbox is { } sent)
        {
            modelBuilder.Entity<SentOutboxRow>(row => Map(row, sent, tables.Schema));
        }

        modelBuilder.Entity<InboxRow>(row => Map(row, tables));
        modelBuilder.Entity<InboxPositionRow>(row => Map(row, tables));
        return modelBuilder;
    }

    private static void Map(EntityTypeBuilder<OutboxRow> row, MessagingTables tables)
    {
        row.ToTable(tables.Outbox, tables.Schema).HasKey(one => one.Id);
        row.Property(one => one.Id).HasColumnName("id").ValueGeneratedOnAdd().HasValueGenerator<BucketOrder>();
        MapMessage(row);
    }

    private static void Map(EntityTypeBuilder<DelayedOutboxRow> row, MessagingTables tables)
    {
        row.ToTable(tables.DelayedOutbox, tables.Schema).HasKey(one => one.Id);
        row.Property(one => one.Id).HasColumnName("id").ValueGeneratedOnAdd();
        row.Property(one => one.NotBefore).HasColumnName("not_before").HasConversion(Utc);
        row.HasIndex(one => one.NotBefore);
        MapMessage(row);
    }

    private static void Map(EntityTypeBuilder<ParkedOutboxRow> row, MessagingTables tables)
    {
        row.ToTable(tables.ParkedOutbox, tables.Schema).HasKey(one => one.Id);
        row.Property(one => one.Id).HasColumnName("id").ValueGeneratedNever();
        row.Property(one => one.ParkedAt).HasColumnName("parked_at").HasConversion(Utc);
        row.Property(one => one.Reason).HasColumnName("reason");
        row.Property(one => one.Attempts).HasColumnName("attempts");
        row.HasIndex(one => new { one.Bucket, one.Key });
        MapMessage(row);
    }

    private static void Map(EntityTypeBuilder<SentOutboxRow> row, string table, string? schema)
    {
        row.ToTable(table, schema).HasKey(one => one.Id);
        row.Property(one => one.Id).HasColumnName("id").ValueGeneratedNever();
        row.Property(one => one.SentAt).HasColumnName("sent_at").HasConversion(Utc);
        row.HasIndex(one => one.SentAt);
        MapMessage(row);
    }

    private static void Map(EntityTypeBuilder<OutboxLease> lease, MessagingTables tables)
    {
        lease.ToTable(tables.OutboxLeases, tables.Schema).HasKey(one => one.Slot);
        lease.Property(one => one.Slot).HasColumnName("slot").ValueGeneratedNever();
        lease.Property(one => one.Owner).HasColumnName("owner");
        lease.Property(one => one.Token).HasColumnName("token");
        lease.Property(one => one.ExpiresAt).HasColumnName("expires_at").HasConversion(Utc);
    }

    private static void Map(EntityTypeBuilder<InboxRow> row, MessagingTables tables)
    {
        row.ToTable(tables.Inbox, tables.Schema).HasKey(one => new { one.Group, one.Source, one.EventId });
        row.Property(one => one.Group).HasColumnName("consumer_group");
        row.Property(one => one.Source).HasColumnName("source");
        row.Property(one => one.EventId).HasColumnName("event_id");
        row.Property(one => one.Topic).HasColumnName("topic").HasMaxLength(TopicLength);
        row.Property(one => one.Partition).HasColumnName("partition");
        row.Property(one => one.Offset).HasColumnName("record_offset");
        row.Property(one => one.FrameIndex).HasColumnName("frame_index");
        row.Property(one => one.Epoch).HasColumnName("epoch");
        row.Property(one => one.HandledAt).HasColumnName("handled_at").HasConversion(Utc);
        row.HasIndex(one => one.HandledAt);
    }

    private static void Map(EntityTypeBuilder<InboxPositionRow> row, MessagingTables tables)
    {
        row.ToTable(tables.InboxPositions, tables.Schema).HasKey(one => new { one.Group, one.Topic, one.Partition });
        row.Property(one => one.Group).HasColumnName("consumer_group");
        row.Property(one => one.Topic).HasColumnName("topic").HasMaxLength(TopicLength);
        row.Property(one => one.Partition).HasColumnName("partition");
        row.Property(one => one.Next).HasColumnName("next_offset");
        row.Property(one => one.NextIndex).HasColumnName("next_index");
        row.Property(one => one.Epoch).HasColumnName("epoch");
    }

    private static void MapMessage<TMessage>(EntityTypeBuilder<TMessage> row)
        where TMessage : OutboxMessage
    {
        row.Property(one => one.Bucket).HasColumnName("bucket");
        row.Property(one => one.Topic).HasColumnName("topic").HasMaxLength(TopicLength);
        row.Property(one => one.Key).HasColumnName("key");
        row.Property(one => one.Value).HasColumnName("value");
        row.Property(one => one.Headers).HasColumnName("headers");
        row.Property(one => one.TraceParent).HasColumnName("trace_parent").HasMaxLength(TraceParentLength);
        row.Property(one => one.CreatedAt).HasColumnName("created_at").HasConversion(Utc);
    }
}
