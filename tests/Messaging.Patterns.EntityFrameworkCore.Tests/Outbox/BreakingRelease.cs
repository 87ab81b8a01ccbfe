using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>Breaks the connection, once, before a savepoint is released. Entity Framework Core passes over a savepoint that it cannot release.</summary>
internal sealed class BreakingRelease(PostgreSqlOutboxDatabase database) : DbTransactionInterceptor
{
    private bool _broke;

    public static Task BreakAsync(PostgreSqlOutboxDatabase database) => database.Database.ExecuteAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

    public override async ValueTask<InterceptionResult> ReleasingSavepointAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (!_broke)
        {
            _broke = true;
            await BreakAsync(database);
        }

        return result;
    }
}
