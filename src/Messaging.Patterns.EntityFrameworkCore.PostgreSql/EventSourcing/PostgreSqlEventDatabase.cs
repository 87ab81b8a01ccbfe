using System.Globalization;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.EventSourcing;

/// <summary>PostgreSQL: appends to a stream wait for its lock; snapshots tell which transactions have not ended.</summary>
internal sealed class PostgreSqlEventDatabase : EventDatabase
{
    private const string Holder =
        """
        SELECT coalesce(
            (SELECT format('the session %s of application %L, user %L, in state %L, whose transaction began %s ago and whose last statement began at %s',
                    pid, application_name, usename, state, date_trunc('milliseconds', clock_timestamp() - xact_start), query_start)
                FROM pg_stat_activity WHERE backend_xid = pg_snapshot_xmin(pg_current_snapshot())::xid LIMIT 1),
            (SELECT format('the prepared transaction %L of %L, prepared at %s: COMMIT PREPARED or ROLLBACK PREPARED ends it', gid, owner, prepared)
                FROM pg_prepared_xacts WHERE transaction = pg_snapshot_xmin(pg_current_snapshot())::xid LIMIT 1)) AS "Value"
        """;

    public override bool NeedsTransaction => false;

    // The lock of the stream, then the id of the transaction, then the number. The condition is always true, but must be looked at first, and gives the transaction its id.
    public override string Append(EventSql sql, string expectation, string values) =>
        $"SELECT pg_advisory_xact_lock(hashtextextended(@stream, {EventSql.Literal(sql.Table)}::regclass::oid::bigint));\n"
        + sql.Append($"CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval(pg_get_serial_sequence({EventSql.Literal(sql.Table)}, {EventSql.Literal(sql.NumberName)})) END", expectation, values);

    // An error of a statement, after which nothing of its transaction stays. A session that was ended may have committed before.
    public override bool IsRolledBack(Exception exception)
    {
        for (Exception? one = exception; one is not null; one = one.InnerException)
        {
            if (one is PostgresException { InvariantSeverity: "ERROR" })
            {
                return true;
            }
        }

        return false;
    }

    public override async Task<FeedSnapshot> ObserveAsync(DbContext context, long known, CancellationToken cancellationToken)
    {
        var sql = new EventSql(context);

        // One statement, so that horizon and highest number are of one snapshot. The snapshot itself does not tell which ids were given out: its end is the highest
        // one that has ended, and transactions behind that may have drawn numbers already. So this one takes an id, unless there is nothing new.
        var text = $$"""
            SELECT pg_snapshot_xmin(s)::text AS "Oldest", CASE WHEN e.highest > {0} THEN pg_current_xact_id()::text ELSE '0' END AS "Next", e.highest AS "Highest"
            FROM pg_current_snapshot() s, (SELECT coalesce(max({{sql.Number}}), 0) AS highest FROM {{sql.Table}}) e
            """;
        var found = await context.Database.SqlQueryRaw<Observed>(text, known).SingleAsync(cancellationToken).ConfigureAwait(false);
        return new(ulong.Parse(found.Oldest, CultureInfo.InvariantCulture), ulong.Parse(found.Next, CultureInfo.InvariantCulture), found.Highest);
    }

    public override Task<string?> FindHolderAsync(DbContext context, CancellationToken cancellationToken) =>
        context.Database.SqlQueryRaw<string?>(Holder).SingleAsync(cancellationToken);

    // Creating a trigger waits for every transaction that has inserted, and lets none insert meanwhile. Of the rows, not the statement: an append that is repeated
    // inserts none. One command with several statements is one transaction.
    public override string Seal(EventSql sql) =>
        $"""
        CREATE OR REPLACE FUNCTION {sql.SealBesideTable}() RETURNS trigger LANGUAGE plpgsql AS $seal$
        BEGIN RAISE EXCEPTION USING MESSAGE = {sql.SealReason}; END $seal$;
        CREATE OR REPLACE TRIGGER {sql.Seal} BEFORE INSERT ON {sql.Table} FOR EACH ROW EXECUTE FUNCTION {sql.SealBesideTable}();
        """;

    public override string Unseal(EventSql sql) => $"DROP TRIGGER IF EXISTS {sql.Seal} ON {sql.Table}; DROP FUNCTION IF EXISTS {sql.SealBesideTable}();";

    public override async Task<IReadOnlyList<string>> FindUniqueIndexesAsync(DbContext context, CancellationToken cancellationToken)
    {
        const string Text =
            """
            SELECT (SELECT string_agg(a.attname::text, ',' ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY k(number, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE k.place <= i.indnkeyatts) AS "Value"
            FROM pg_index i WHERE i.indrelid = {0}::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            """;
        return await context.Database.SqlQueryRaw<string>(Text, new EventSql(context).Table).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken)
    {
        var sql = new EventSql(context);
        const string Text =
            """
            SELECT seqcache AS "Cache", seqincrement AS "Increment", seqcycle AS "Cycles" FROM pg_sequence WHERE seqrelid = pg_get_serial_sequence({0}, {1})::regclass
            """;
        var found = await context.Database.SqlQueryRaw<Sequence>(Text, sql.Table, sql.NumberName).ToListAsync(cancellationToken).ConfigureAwait(false);
        return found switch
        {
            [] => [$"column {sql.Number} of table {sql.Table} has no sequence of its own, from which appends draw. Let it be an identity column (it must not use HiLo or a sequence shared with others), and add a migration."],
            [{ Cache: 1, Increment: 1, Cycles: false }] => [],
            [var one] => [$"the sequence of column {sql.Number} of table {sql.Table} must have a cache of 1, an increment of 1 and no cycle, so that numbers grow from one transaction to the next, but they are {one.Cache}, {one.Increment} and {(one.Cycles ? "CYCLE" : "NO CYCLE")}. Correct it: ALTER TABLE {sql.Table} ALTER COLUMN {sql.Number} SET CACHE 1 SET INCREMENT BY 1 SET NO CYCLE."],
            _ => throw new InvalidOperationException("A column has several sequences."),
        };
    }

    private sealed record Observed(string Oldest, string Next, long Highest);

    private sealed record Sequence(long Cache, long Increment, bool Cycles);
}
