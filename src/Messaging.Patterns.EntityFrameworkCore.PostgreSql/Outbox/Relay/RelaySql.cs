using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.Model;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;

/// <summary>The relay's statements, for the tables of one model.</summary>
internal sealed class RelaySql(OutboxTableNames names)
{
    private const string Message = OutboxTableNames.Message;

    /// <summary>
    /// What names the run of the server: when it was started, and when it last lost its statistics, which is what a crash of any of its processes and the recovery
    /// from it do (<c>pg_postmaster_start_time</c>, <c>pg_stat_bgwriter.stats_reset</c>). A copy that takes over has both of its own.
    /// </summary>
    private const string Run = "(SELECT concat(extract(epoch FROM pg_postmaster_start_time()), '/', extract(epoch FROM stats_reset)) FROM pg_stat_bgwriter)";

    /// <summary>Tells the run of the server.</summary>
    public const string SelectRun = $"SELECT {Run}";

    /// <summary>Until the end of the transaction, plans go by index from row to row and never read the whole table: its statistics may be from when it was empty, or full.</summary>
    public const string ByIndex =
        """
        SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_hashjoin', 'off', true),
            set_config('enable_mergejoin', 'off', true)
        """;

    /// <summary>Deletions need not be on disk when they are answered: one that is lost with the server repeats its row. Not so in transactions, which repeat none.</summary>
    public const string Hurry = "SELECT set_config('synchronous_commit', 'off', true)";

    // Slots below 0 are instances: who lives, and so how many share.
    public string AddSlots => $"INSERT INTO {names.Leases} (slot, token) SELECT slot, 0 FROM generate_series(0, {BucketSlots.Count - 1}) slot ON CONFLICT DO NOTHING";

    /// <summary>The server's own number, the database's and the table's: a dump that is restored elsewhere has others.</summary>
    public string Identity =>
        $"""
        SELECT system_identifier || '-' || d.oid || '-' || {Table}::oid FROM pg_control_system(), pg_database d WHERE d.datname = current_database()
        """;

    /// <summary>Fails if a table or column is missing.</summary>
    public string Verify => names.Sent is { } sent
        ? $"SELECT o.transaction_id, d.not_before, p.attempts, s.sent_at FROM {names.Outbox} o, {names.Delayed} d, {names.Parked} p, {sent} s LIMIT 0"
        : $"SELECT o.transaction_id, d.not_before, p.attempts FROM {names.Outbox} o, {names.Delayed} d, {names.Parked} p LIMIT 0";

    /// <summary>Instance, duration, slots to give back.</summary>
    public string[] Renew =>
    [
        $"DELETE FROM {names.Leases} WHERE slot < 0 AND expires_at < clock_timestamp()",
        $"UPDATE {names.Leases} SET owner = NULL, expires_at = NULL WHERE owner = $1 AND slot = ANY($3)",
        $"UPDATE {names.Leases} SET expires_at = clock_timestamp() + $2 WHERE owner = $1",
        // Of two that come at once with the same number, one comes again with its next renewal.
        $"""
        INSERT INTO {names.Leases} (slot, owner, token, expires_at)
        SELECT least(min(slot), 0) - 1, $1, 0, clock_timestamp() + $2 FROM {names.Leases} HAVING count(*) FILTER (WHERE slot < 0 AND owner = $1) = 0
        ON CONFLICT DO NOTHING
        """,
        $"""
        UPDATE {names.Leases} SET owner = $1, token = token + 1, expires_at = clock_timestamp() + $2 WHERE slot IN (
            SELECT slot FROM {names.Leases}
            WHERE slot >= 0 AND owner IS DISTINCT FROM $1 AND (owner IS NULL OR expires_at < clock_timestamp()) AND slot <> ALL($3)
            ORDER BY slot
            LIMIT (
                SELECT greatest(0, ceil({BucketSlots.Count}.0 / greatest(1, count(*) FILTER (WHERE slot < 0)))::bigint - count(*) FILTER (WHERE slot >= 0 AND owner = $1))
                FROM {names.Leases})
            FOR UPDATE SKIP LOCKED)
        """,
        $"SELECT slot, token FROM {names.Leases} WHERE slot < 0 OR owner = $1",
    ];

    public string Release => $"UPDATE {names.Leases} SET owner = NULL, expires_at = NULL WHERE owner = $1 AND slot >= 0";

    public string Leave => $"DELETE FROM {names.Leases} WHERE owner = $1 AND slot < 0";

    /// <summary>
    /// Slots, limit, after, next and open transactions of the snapshot as of which is read, beyond all for the present one. The first row of the answer, without
    /// an id, has the snapshot that the statement itself sees, and the run. The tests of transactions are such that no index answers them: the order of ids does.
    /// </summary>
    public string ReadNew =>
        $"""
        {Snapshot}
        UNION ALL
        ({Page} FROM {names.Outbox} o WHERE {New} ORDER BY o.id LIMIT $2)
        ORDER BY id NULLS FIRST
        """;

    /// <summary>The same, then the first transaction of which all are late, single ones, and after what. Those by transaction only: everything in front may be dead rows.</summary>
    public string Read =>
        $"""
        WITH late AS MATERIALIZED (
            SELECT id FROM {names.Outbox} WHERE transaction_id >= $6 AND transaction_id < $4
            UNION ALL
            SELECT id FROM {names.Outbox} WHERE transaction_id = ANY($7)),
        page AS MATERIALIZED (
            SELECT id FROM late WHERE id > $8 AND id <= $3
            UNION ALL
            (SELECT o.id FROM {names.Outbox} o WHERE {New} ORDER BY o.id LIMIT $2))
        {Snapshot}
        UNION ALL
        ({Page} FROM page JOIN {names.Outbox} o ON o.id = page.id WHERE {Ended} ORDER BY o.id LIMIT $2)
        ORDER BY id NULLS FIRST
        """;

    /// <summary>Ids, ascending; the run in which they were read.</summary>
    public string Delete => names.Sent is { } sent
        ? $"""
           WITH gone AS (DELETE FROM {names.Outbox} WHERE id = ANY($1) AND {Run} = $2 RETURNING id, {Message})
           INSERT INTO {sent} (id, {Message}, sent_at) SELECT id, {Message}, clock_timestamp() FROM gone
           """
        : $"DELETE FROM {names.Outbox} WHERE id = ANY($1) AND {Run} = $2";

    /// <summary>Id, slot, token, reason, attempts, run. Who takes the lease over waits for this to end, and finds it done.</summary>
    public string Park =>
        $"""
        WITH lease AS MATERIALIZED (SELECT token FROM {names.Leases} WHERE slot = $2 AND token = $3 AND {Run} = $6 FOR SHARE),
        gone AS (DELETE FROM {names.Outbox} WHERE id = $1 AND EXISTS (SELECT FROM lease) RETURNING id, {Message}),
        moved AS (
            INSERT INTO {names.Parked} (id, {Message}, parked_at, reason, attempts) SELECT id, {Message}, clock_timestamp(), $4, $5 FROM gone)
        SELECT count(*) FROM lease
        """;

    /// <summary>Slots, limit. The trigger draws numbers under the locks of the buckets, which everybody takes in this order.</summary>
    public string MoveDue =>
        $"""
        WITH due AS (
            DELETE FROM {names.Delayed} WHERE id IN (
                SELECT id FROM {names.Delayed} WHERE not_before <= clock_timestamp() AND (bucket >> {BucketSlots.Shift}) = ANY($1)
                ORDER BY not_before, id LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING id, not_before, {Message}),
        moved AS (INSERT INTO {names.Outbox} ({Message}) SELECT {Message} FROM due ORDER BY bucket, not_before, id RETURNING 1)
        SELECT count(*) FROM moved
        """;

    /// <summary>In how many seconds the next one is due.</summary>
    public string NextDue => $"SELECT extract(epoch FROM min(not_before) - clock_timestamp())::double precision FROM {names.Delayed}";

    /// <summary>Limit.</summary>
    public string GetParked => $"SELECT id, topic, key, reason, attempts, parked_at FROM {names.Parked} ORDER BY id LIMIT $1";

    /// <summary>Bucket: what the trigger takes before it draws a number.</summary>
    public string Lock => $"SELECT pg_advisory_xact_lock({OutboxNumbers.LockOf($"{Table}::oid", "$1")})";

    /// <summary>Bucket, key. Nobody adds a row of the key meanwhile. What lies before the parked rows is sent, though it may not be deleted yet.</summary>
    public string Replay =>
        $"""
        WITH parked AS (DELETE FROM {names.Parked} WHERE bucket = $1 AND key = $2 RETURNING id, {Message}),
        behind AS (
            DELETE FROM {names.Outbox} WHERE bucket = $1 AND key = $2 AND id > (SELECT min(id) FROM parked) RETURNING id, {Message}),
        moved AS (
            INSERT INTO {names.Outbox} ({Message}) SELECT {Message} FROM (SELECT * FROM parked UNION ALL SELECT * FROM behind) rows ORDER BY id RETURNING 1)
        SELECT count(*) FROM moved
        """;

    /// <summary>Id.</summary>
    public string KeyOfParked => $"SELECT bucket, key FROM {names.Parked} WHERE id = $1";

    /// <summary>Id. Those behind it are given new numbers afterwards, lest they be passed over.</summary>
    public string Skip => $"DELETE FROM {names.Parked} WHERE id = $1";

    /// <summary>Bucket, key, id of the skipped row. Rows that were held back get new numbers, if nothing of their key is parked any more.</summary>
    public string Free =>
        $"""
        WITH behind AS (
            DELETE FROM {names.Outbox}
            WHERE bucket = $1 AND key = $2 AND id > $3 AND NOT EXISTS (SELECT FROM {names.Parked} WHERE bucket = $1 AND key = $2)
            RETURNING id, {Message})
        INSERT INTO {names.Outbox} ({Message}) SELECT {Message} FROM behind ORDER BY id
        """;

    /// <summary>The first id that may wait. How many rows there are is what the statistics say; counting them would take as long as they are many.</summary>
    public string Measure =>
        $"""
        SELECT pg_stat_get_live_tuples({Table}),
            (SELECT extract(epoch FROM clock_timestamp() - created_at)::double precision FROM {names.Outbox} WHERE id >= $1 ORDER BY id LIMIT 1),
            (SELECT count(*) FROM {names.Parked})
        """;

    private string Table => $"'{names.Outbox.Replace("'", "''", StringComparison.Ordinal)}'::regclass";

    private const string Snapshot = $"SELECT NULL::bigint AS id, NULL::integer, pg_current_snapshot()::text, {Run}, NULL::bytea, NULL, false";

    private static string Ended => $"(o.transaction_id < $4) IS TRUE AND o.transaction_id <> ALL($5) AND (o.bucket >> {BucketSlots.Shift}) = ANY($1)";

    private static string New => $"o.id > $3 AND {Ended}";

    private string Page =>
        $"SELECT o.id, o.bucket, o.topic, o.key, o.value, o.headers, EXISTS (SELECT FROM {names.Parked} p WHERE p.bucket = o.bucket AND p.key = o.key)";
}
