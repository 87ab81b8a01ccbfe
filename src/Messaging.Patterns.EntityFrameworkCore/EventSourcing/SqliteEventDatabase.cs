using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>SQLite: one transaction writes at a time, so numbers are drawn, and become visible, in the order of transactions.</summary>
internal sealed class SqliteEventDatabase : EventDatabase
{
    public const string Provider = "Microsoft.EntityFrameworkCore.Sqlite";

    // Whoever finds the file locked sleeps and tries again, and holds a thread meanwhile. So those of one process stand in a queue.
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Queues = new(StringComparer.Ordinal);

    public override bool NeedsTransaction => true;

    public override string Append(EventSql sql, string expectation, string values) => sql.Append($"(SELECT coalesce(max({sql.Number}), 0) + 1 FROM {sql.Table})", expectation, values);

    public override async ValueTask<IDisposable?> EnterAsync(DbContext context, CancellationToken cancellationToken)
    {
        var queue = Queues.GetOrAdd(context.Database.GetConnectionString() ?? "", _ => new SemaphoreSlim(1));
        await queue.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(queue);
    }

    // Nobody but this process knows of the transaction, and it ends with its connection.
    public override bool IsRolledBack(Exception exception) => true;

    // SQLITE_BUSY and SQLITE_LOCKED: another transaction writes for longer than the command may take. The package knows no provider, and the common base class not this code.
    public override bool IsTransient(Exception exception) =>
        (exception is DbException && exception.GetType().GetProperty("SqliteErrorCode")?.GetValue(exception) is 5 or 6) || base.IsTransient(exception);

    // Of the rows, not the statement: an append that is repeated inserts none.
    public override string Seal(EventSql sql) => $"CREATE TRIGGER IF NOT EXISTS {sql.Seal} BEFORE INSERT ON {sql.Table} BEGIN SELECT RAISE(ABORT, {sql.SealReason}); END";

    public override string Unseal(EventSql sql) => $"DROP TRIGGER IF EXISTS {sql.Seal}";

    public override async Task<IReadOnlyList<string>> FindUniqueIndexesAsync(DbContext context, CancellationToken cancellationToken)
    {
        const string Text =
            """
            SELECT (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) AS "Value"
            FROM pragma_index_list({0}) l WHERE l."unique" = 1 AND l.partial = 0
            """;
        return await context.Database.SqlQueryRaw<string>(Text, context.Model.FindEntityType(typeof(EventRow))!.GetTableName()!).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    public override string? FindProviderFault(DbContext context)
    {
        var (provider, type) = (context.Database.ProviderName, context.GetType().Name);
        return provider switch
        {
            Provider => null,
            SqlServerProvider.Name => $"its provider is that of SQL Server. Register the store with AddSqlServerEventStore<{type}>(), and see what its documentation says of it.",
            _ => $"nothing is known of how '{provider}' would let appends wait for each other and show a reader which transactions have not ended. For PostgreSQL register the store with AddPostgreSqlEventStore<{type}>() of package Messaging.Patterns.EntityFrameworkCore.PostgreSql, for SQL Server with AddSqlServerEventStore<{type}>(); other databases than these and SQLite are not supported.",
        };
    }

    public override Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    private sealed class Turn(SemaphoreSlim queue) : IDisposable
    {
        public void Dispose() => queue.Release();
    }
}
