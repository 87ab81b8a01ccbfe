using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Looks whether tables of a context are there, and names what creates those that are not.</summary>
internal sealed class TableCheck(DbContext context)
{
    /// <summary>Returns what is wrong with the table of an entity type, and the remedy; <see langword="null"/> if it is there with all of its columns.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <param name="mapping">The method of the model builder that maps the table.</param>
    public async Task<string?> FindFaultAsync<TRow>(CancellationToken cancellationToken, string mapping = nameof(MessagingModelBuilderExtensions.AddMessagingPatterns))
        where TRow : class
    {
        if (context.Model.FindEntityType(typeof(TRow)) is not { } type)
        {
            return $"its model has no '{typeof(TRow).Name}'. Call modelBuilder.{mapping}() in OnModelCreating, and add a migration.";
        }

        try
        {
            await context.Set<TRow>().AsNoTracking().Where(_ => false).ToListAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (DbException exception) when (IsOfTheTable(exception))
        {
            return $"table '{type.GetSchemaQualifiedTableName()}' is missing or of another shape ({exception.Message}). {await FindRemedyAsync(type.GetTableName()!, cancellationToken).ConfigureAwait(false)}";
        }
    }

    /// <summary>Returns which unique indexes of an entity type its table lacks, each with the remedy.</summary>
    /// <param name="found">The columns of each unique index that the table has, separated by commas.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<IReadOnlyList<string>> FindIndexFaultsAsync<TRow>(IReadOnlyList<string> found, CancellationToken cancellationToken)
        where TRow : class
    {
        var type = context.Model.FindEntityType(typeof(TRow))!;
        var wanted = type.GetKeys().Select(key => (Name: key.GetName(), key.Properties))
            .Concat(type.GetIndexes().Where(index => index.IsUnique).Select(index => (Name: index.GetDatabaseName(), index.Properties)))
            .Select(one => (one.Name, Columns: one.Properties.Select(property => property.GetColumnName()).ToList()))
            .Where(one => !found.Contains(string.Join(',', one.Columns), StringComparer.Ordinal)).ToList();

        if (wanted.Count == 0)
        {
            return [];
        }

        var (sql, pending) = (context.GetService<ISqlGenerationHelper>(), await FindPendingAsync(type.GetTableName()!, cancellationToken).ConfigureAwait(false));
        var table = sql.DelimitIdentifier(type.GetTableName()!, type.GetSchema());
        return [.. wanted.Select(one =>
            $"table '{type.GetSchemaQualifiedTableName()}' has no unique index on ({string.Join(", ", one.Columns)}), without which its rows are neither surely unique nor found fast. "
            + (pending ?? $"Create it: CREATE UNIQUE INDEX {sql.DelimitIdentifier(one.Name!)} ON {table} ({string.Join(", ", one.Columns.Select(sql.DelimitIdentifier))})"))];
    }

    private async Task<string> FindRemedyAsync(string table, CancellationToken cancellationToken)
    {
        var migrations = context.GetService<IMigrationsAssembly>();

        if (migrations.Migrations.Count == 0)
        {
            return "The context has no migrations. Add one with 'dotnet ef migrations add Messaging' and apply it.";
        }

        return await FindPendingAsync(table, cancellationToken).ConfigureAwait(false)
            ?? "No migration that is to be applied concerns it. Add one with 'dotnet ef migrations add Messaging' and apply it.";
    }

    /// <summary>Returns which migrations of a table are to be applied, as a remedy, or <see langword="null"/>.</summary>
    private async Task<string?> FindPendingAsync(string table, CancellationToken cancellationToken)
    {
        var migrations = context.GetService<IMigrationsAssembly>();

        if (migrations.Migrations.Count == 0)
        {
            return null;
        }

        var pending = await context.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false);
        var missing = pending.Where(id => migrations.CreateMigration(migrations.Migrations[id], context.Database.ProviderName!).UpOperations.Any(operation => Touches(operation, table))).ToList();
        return missing.Count == 0 ? null : $"Apply migration {string.Join(", ", missing.Select(id => $"'{id}'"))}, for example with 'dotnet ef database update'.";
    }

    // Class 42 and 3F of SQLSTATE: it is not there, or of another shape, or may not be read. Whoever has no such codes tells what is transient, or has numbers.
    private bool IsOfTheTable(DbException exception) => exception.SqlState is { } state
        ? state.StartsWith("42", StringComparison.Ordinal) || state.StartsWith("3F", StringComparison.Ordinal)
        : context.Database.ProviderName == SqlServerProvider.Name ? SqlServerProvider.IsOfTheTable(exception) : !exception.IsTransient;

    private static bool Touches(MigrationOperation operation, string table) => operation is ITableMigrationOperation one && one.Table == table;
}
