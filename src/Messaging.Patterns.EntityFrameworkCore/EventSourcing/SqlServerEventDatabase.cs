using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>SQL Server: an append counts up one row and keeps it locked to the end of its transaction, so numbers are drawn, and become visible, in the order of transactions.</summary>
internal sealed class SqlServerEventDatabase : EventDatabase
{
    public override bool NeedsTransaction => true;

    // A command that runs into its time limit ends between two of its statements.
    public override bool NeedsSavepoint => true;

    // A pooled connection keeps the level of its last transaction. Under SNAPSHOT whoever has waited for the row would be refused.
    public override IsolationLevel Isolation => IsolationLevel.ReadCommitted;

    // A command takes 2,100 parameters.
    public override int EventsPerStatement => 300;

    public override string Append(EventSql sql, string expectation, string values) => SqlServerEventSql.Append(sql, sql.Numbers, expectation, values);

    public override string Add(EventSql sql, string values) => SqlServerEventSql.Add(sql, values);

    // A commit that failed does not tell whether it took place. Everything before it is rolled back with the connection.
    public override bool IsRolledBack(Exception exception) => false;

    public override bool IsTransient(Exception exception) => SqlServerProvider.IsTransient(exception) || base.IsTransient(exception);

    // SqlClient tells of a command that was cancelled by an error of its own.
    public override bool IsCancellation(Exception exception) => base.IsCancellation(exception) || SqlServerProvider.NumberOf(exception) is 0;

    public override async Task<string?> FindBlockerAsync(DbContext context, Exception failure)
    {
        if (!SqlServerProvider.IsWaitOver(failure) && !IsCancellation(failure))
        {
            return null;
        }

        try
        {
            var found = await context.Database.SqlQueryRaw<string>(SqlServerEventSql.Blocker, new EventSql(context).Numbers).ToListAsync().ConfigureAwait(false);
            return found.FirstOrDefault();
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // Without VIEW SERVER STATE nobody can be named, and without a connection neither. What went wrong with the append is told all the same.
            return null;
        }
    }

    public override string Seal(EventSql sql) => SqlServerEventSql.Seal(sql);

    public override string Unseal(EventSql sql) => SqlServerEventSql.Unseal(sql);

    public override string? FindProviderFault(DbContext context) => context.Database.ProviderName == SqlServerProvider.Name
        ? null
        : $"AddSqlServerEventStore is for SQL Server, but the provider is '{context.Database.ProviderName}'. Register the store with AddEventStore<{context.GetType().Name}>() for SQLite, or with AddPostgreSqlEventStore<{context.GetType().Name}>().";

    public override async Task<IReadOnlyList<string>> FindUniqueIndexesAsync(DbContext context, CancellationToken cancellationToken) =>
        await context.Database.SqlQueryRaw<string>(SqlServerEventSql.UniqueIndexes, new EventSql(context).Table).ToListAsync(cancellationToken).ConfigureAwait(false);

    public override async Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken)
    {
        if (context.Model.FindEntityType(typeof(EventNumberRow)) is null)
        {
            return ["its model was made for another provider: it has no row of numbers. Call modelBuilder.AddEventStore() in the OnModelCreating of a context that uses SQL Server, and add a migration."];
        }

        if (await new TableCheck(context).FindFaultAsync<EventNumberRow>(cancellationToken, nameof(EventStoreModelBuilderExtensions.AddEventStore)).ConfigureAwait(false) is { } missing)
        {
            return [missing];
        }

        var sql = new EventSql(context);
        var facts = await context.Database.SqlQueryRaw<SqlServerEventFacts>(SqlServerEventSql.Facts, sql.Table, sql.Numbers, sql.StreamName, sql.NumberName)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var name = context.GetService<ISqlGenerationHelper>().DelimitIdentifier(context.Database.GetDbConnection().Database);
        List<string> faults = [.. facts[0].FindFaults(sql, name)];
        return faults.Count > 0 ? faults : [.. await FindNumberFaultsAsync(context, sql, cancellationToken).ConfigureAwait(false)];
    }

    // The number drawn last is read after the highest one that is visible, and so is never the lower one of a store that is appended to meanwhile.
    private static async Task<IEnumerable<string>> FindNumberFaultsAsync(DbContext context, EventSql sql, CancellationToken cancellationToken)
    {
        var highest = await CommittedRows.Of<EventRow>(context).MaxAsync(row => (long?)row.Number, cancellationToken).ConfigureAwait(false) ?? 0;
        var drawn = await CommittedRows.Of<EventNumberRow>(context).Where(row => row.Id == 1).Select(row => (long?)row.Number).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var value = highest.ToString(CultureInfo.InvariantCulture);
        return drawn is null ? [$"table {sql.Numbers} has no row, from which appends draw. Add it: INSERT INTO {sql.Numbers} ([id], [number]) VALUES (1, {value})"]
            : drawn < highest ? [$"table {sql.Numbers} says that number {drawn} was drawn last, but table {sql.Table} has number {value}: events were put there by other means. Correct it: UPDATE {sql.Numbers} SET [number] = {value} WHERE [id] = 1"]
            : [];
    }
}
