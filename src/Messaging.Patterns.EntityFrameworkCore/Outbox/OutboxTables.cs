using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Looks whether the tables of a context's outbox are there, and names what creates those that are not.</summary>
internal sealed class OutboxTables(DbContext context)
{
    private const string Sqlite = "Microsoft.EntityFrameworkCore.Sqlite";

    public async Task<IReadOnlyList<string>> FindFaultsAsync(CancellationToken cancellationToken)
    {
        if (context.Model.FindEntityType(typeof(OutboxRow)) is null)
        {
            return ["its model has no outbox. Call modelBuilder.AddMessagingPatterns() in OnModelCreating, and add a migration."];
        }

        var numbers = context.GetInfrastructure().GetService(typeof(IOutboxNumbers)) as IOutboxNumbers;

        // SQLite has one writer at a time: numbers are drawn in the order of transactions.
        if (numbers is null && context.Database.ProviderName != Sqlite)
        {
            return
            [
                $"nothing is known of how '{context.Database.ProviderName}' would give rows their numbers in the order of transactions. For PostgreSQL register it with AddPostgreSqlOutbox<{context.GetType().Name}>() of package Messaging.Patterns.EntityFrameworkCore.PostgreSql; other databases than that and SQLite are not supported.",
            ];
        }

        string?[] found =
        [
            await FindFaultAsync<OutboxRow>(cancellationToken).ConfigureAwait(false),
            await FindFaultAsync<DelayedOutboxRow>(cancellationToken).ConfigureAwait(false),
            await FindFaultAsync<ParkedOutboxRow>(cancellationToken).ConfigureAwait(false),
            await FindFaultAsync<OutboxLease>(cancellationToken).ConfigureAwait(false),
        ];
        List<string> faults = [.. found.OfType<string>()];
        return faults.Count > 0 || numbers is null ? faults : await numbers.FindFaultsAsync(context, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> FindFaultAsync<TRow>(CancellationToken cancellationToken)
        where TRow : class
    {
        try
        {
            await context.Set<TRow>().AsNoTracking().Take(0).ToListAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (DbException exception)
        {
            var type = context.Model.FindEntityType(typeof(TRow))!;
            return $"table '{type.GetSchemaQualifiedTableName()}' is missing or of another shape ({exception.Message}). {await FindRemedyAsync(type.GetTableName()!, cancellationToken).ConfigureAwait(false)}";
        }
    }

    private async Task<string> FindRemedyAsync(string table, CancellationToken cancellationToken)
    {
        var migrations = context.GetService<IMigrationsAssembly>();

        if (migrations.Migrations.Count == 0)
        {
            return "The context has no migrations. Add one with 'dotnet ef migrations add Outbox' and apply it.";
        }

        var pending = await context.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false);
        var missing = pending.Where(id => migrations.CreateMigration(migrations.Migrations[id], context.Database.ProviderName!).UpOperations.Any(operation => Touches(operation, table))).ToList();
        return missing.Count == 0
            ? "No migration that is to be applied concerns it. Add one with 'dotnet ef migrations add Outbox' and apply it."
            : $"Apply migration {string.Join(", ", missing.Select(id => $"'{id}'"))}, for example with 'dotnet ef database update'.";
    }

    private static bool Touches(MigrationOperation operation, string table) =>
        operation is ITableMigrationOperation one && one.Table == table;
}
