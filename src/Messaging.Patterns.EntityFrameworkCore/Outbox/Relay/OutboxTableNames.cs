using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>The outbox's tables in a model, named as they are in statements.</summary>
internal sealed class OutboxTableNames(IReadOnlyModel model, ISqlGenerationHelper sql)
{
    /// <summary>The columns that waiting, delayed and parked rows have in common.</summary>
    public const string Message = "bucket, topic, key, value, headers, trace_parent, created_at";

    public string Outbox { get; } = NameOf<OutboxRow>(model, sql);

    public string Delayed { get; } = NameOf<DelayedOutboxRow>(model, sql);

    public string Parked { get; } = NameOf<ParkedOutboxRow>(model, sql);

    /// <summary>Gets the table of what was sent, if it is kept.</summary>
    public string? Sent { get; } = model.FindEntityType(typeof(SentOutboxRow)) is null ? null : NameOf<SentOutboxRow>(model, sql);

    public string Leases { get; } = NameOf<OutboxLease>(model, sql);

    private static string NameOf<T>(IReadOnlyModel model, ISqlGenerationHelper sql) =>
        model.FindEntityType(typeof(T)) is { } type && type.GetTableName() is { } table
            ? sql.DelimitIdentifier(table, type.GetSchema())
            : throw new MessagingException($"The model has no table for {typeof(T).Name}. Call modelBuilder.AddMessagingPatterns() in OnModelCreating of the context, and add a migration.");
}
