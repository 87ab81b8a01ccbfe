using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Looks whether the tables of a context's outbox are there, and number rows as they must.</summary>
internal static class OutboxTables
{
    /// <summary>What SQLite's provider calls itself.</summary>
    public const string Sqlite = "Microsoft.EntityFrameworkCore.Sqlite";

    /// <summary>Returns every fault with its remedy.</summary>
    public static async Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken)
    {
        var numbers = context.GetInfrastructure().GetService(typeof(IOutboxNumbers)) as IOutboxNumbers;

        // SQLite has one writer at a time: numbers are drawn in the order of transactions.
        if (numbers is null && context.Database.ProviderName != Sqlite)
        {
            return
            [
                $"nothing is known of how '{context.Database.ProviderName}' would give rows their numbers in the order of transactions. For PostgreSQL register it with AddPostgreSqlOutbox<{context.GetType().Name}>() of package Messaging.Patterns.EntityFrameworkCore.PostgreSql; other databases than that and SQLite are not supported.",
            ];
        }

        var check = new TableCheck(context);
        string?[] found =
        [
            await check.FindFaultAsync<OutboxRow>(cancellationToken).ConfigureAwait(false),
            await check.FindFaultAsync<DelayedOutboxRow>(cancellationToken).ConfigureAwait(false),
            await check.FindFaultAsync<ParkedOutboxRow>(cancellationToken).ConfigureAwait(false),
            await check.FindFaultAsync<OutboxLease>(cancellationToken).ConfigureAwait(false),
            context.Model.FindEntityType(typeof(SentOutboxRow)) is null ? null : await check.FindFaultAsync<SentOutboxRow>(cancellationToken).ConfigureAwait(false),
        ];
        List<string> faults = [.. found.OfType<string>()];
        return faults.Count > 0 ? faults
            : numbers is null ? await FindSqliteFaultsAsync(context, cancellationToken).ConfigureAwait(false)
            : await numbers.FindFaultsAsync(context, cancellationToken).ConfigureAwait(false);
    }

    // Without it, SQLite gives the number of the last row again once that is deleted, and a relay passes over what it believes to have read.
    private static async Task<IReadOnlyList<string>> FindSqliteFaultsAsync(DbContext context, CancellationToken cancellationToken)
    {
        var table = context.Model.FindEntityType(typeof(OutboxRow))!.GetTableName()!;
        var statement = await context.Database.SqlQuery<string>($"SELECT sql AS Value FROM sqlite_master WHERE name = {table}").SingleAsync(cancellationToken).ConfigureAwait(false);
        return statement.Contains("AUTOINCREMENT", StringComparison.OrdinalIgnoreCase)
            ? []
            : [$"column 'id' of table '{table}' is not AUTOINCREMENT, so that numbers of deleted rows would be given again. Create the table as the migration of AddMessagingPatterns() does: \"id\" INTEGER PRIMARY KEY AUTOINCREMENT."];
    }
}
