using System.Data.Common;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;

/// <summary>Looks whether the trigger of an outbox table is there, and its sequence as it must be.</summary>
internal sealed class PostgreSqlOutboxNumbers(ISqlGenerationHelper sql) : IOutboxNumbers
{
    // A disabled trigger ('D'), or one for replicas only ('R'), is none.
    private const string Query =
        """
        SELECT
            (SELECT count(*) FROM pg_trigger WHERE tgrelid = {0}::regclass AND tgname = {1} AND tgenabled IN ('O', 'A')) AS "Triggers",
            (SELECT seqcache FROM pg_sequence WHERE seqrelid = to_regclass({2})) AS "Cache",
            (SELECT seqincrement FROM pg_sequence WHERE seqrelid = to_regclass({2})) AS "Increment"
        """;

    public async Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken = default)
    {
        var numbers = OutboxNumbers.Find(context.Model)!;
        var (table, sequence) = (sql.DelimitIdentifier(numbers.Table, numbers.Schema), sql.DelimitIdentifier(numbers.Sequence, numbers.Schema));
        var found = await context.Database.SqlQueryRaw<Found>(Query, table, numbers.Trigger, sequence).SingleAsync(cancellationToken).ConfigureAwait(false);
        List<string> faults = [];

        if (found.Triggers == 0)
        {
            faults.Add($"table {table} has no enabled trigger '{numbers.Trigger}', which draws the numbers of its rows. Add a migration ('dotnet ef migrations add OutboxNumbers') and apply it, or enable the trigger.");
        }

        if (found is { Cache: not 1 } or { Increment: not 1 })
        {
            faults.Add($"sequence {sequence} must have a cache of 1 and an increment of 1, so that numbers are drawn in the order of transactions, but they are {Text(found.Cache)} and {Text(found.Increment)}. Correct it: ALTER SEQUENCE {sequence} CACHE 1 INCREMENT 1.");
        }

        return faults;
    }

    private static string Text(long? value) => value is null ? "not there" : $"{value}";

    private sealed record Found(long Triggers, long? Cache, long? Increment);
}
