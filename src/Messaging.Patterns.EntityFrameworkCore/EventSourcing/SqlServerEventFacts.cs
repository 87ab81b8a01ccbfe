namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>What <see cref="SqlServerEventSql.Facts"/> answers of a database whose tables are there.</summary>
/// <param name="Versions">1 if READ COMMITTED reads versions of rows.</param>
/// <param name="Tables">How many of the two tables have rows that can be locked.</param>
/// <param name="Collation">The collation of the column of streams.</param>
/// <param name="Identity">1 if the column of numbers generates them itself.</param>
internal sealed record SqlServerEventFacts(int? Versions, int Tables, string? Collation, int? Identity)
{
    /// <summary>Returns what is wrong, each fault with its remedy.</summary>
    /// <param name="sql">The table.</param>
    /// <param name="database">The database, delimited.</param>
    public IEnumerable<string> FindFaults(EventSql sql, string database)
    {
        if (Versions != 1)
        {
            yield return $"READ_COMMITTED_SNAPSHOT is off in database {database}, so that every read would wait for transactions that append. Turn it on: ALTER DATABASE {database} SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE";
        }

        if (Tables != 2)
        {
            yield return $"tables {sql.Table} and {sql.Numbers} must both be tables on disk: rows of a memory-optimised table are not locked, and appends would not wait for each other.";
        }

        if (Collation?.Contains("_BIN", StringComparison.OrdinalIgnoreCase) is not true)
        {
            yield return $"column {sql.Stream} of table {sql.Table} has the collation '{Collation}', which may take two streams for one. Let it be '{SqlServerProvider.Ordinal}', as the migration of AddEventStore() does.";
        }

        if (Identity != 0)
        {
            yield return $"column {sql.Number} of table {sql.Table} is an identity column, but its numbers are drawn from table {sql.Numbers}. Create the table as the migration of AddEventStore() on SQL Server does.";
        }
    }
}
