namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>
/// The statements of an event store on SQL Server. The order of those that append is the protocol: see <c>docs/adr/0038-one-row-of-numbers-on-sql-server.md</c> before you change one.
/// </summary>
internal static class SqlServerEventSql
{
    /// <summary>Who holds the row of numbers: has its table, and waits for nobody. Waiters have the table too.</summary>
    /// <remarks>The lock of the table, since that of the row is held otherwise where locking is optimised.</remarks>
    public const string Blocker =
        """
        SELECT TOP (1) CONCAT(N'session ', s.session_id, N' of application ''', s.program_name, N''', login ''', s.login_name, N''', host ''', s.host_name,
            N''', in state ''', s.status, N''', whose last statement began at ', CONVERT(nvarchar(30), s.last_request_start_time, 126)) AS [Value]
        FROM sys.dm_tran_locks AS l JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
        WHERE l.resource_type = N'OBJECT' AND l.resource_database_id = DB_ID() AND l.resource_associated_entity_id = OBJECT_ID({0})
            AND l.request_mode IN (N'IX', N'SIX', N'X') AND l.request_status = N'GRANT' AND s.session_id <> @@SPID
            AND NOT EXISTS (SELECT 1 FROM sys.dm_exec_requests AS r WHERE r.session_id = s.session_id AND r.blocking_session_id <> 0)
        ORDER BY s.last_request_start_time
        """;

    /// <summary>The unique indexes of a table that are in force. One with IGNORE_DUP_KEY would let an append pass over events that conflict.</summary>
    public const string UniqueIndexes =
        """
        SELECT STRING_AGG(c.name, N',') WITHIN GROUP (ORDER BY k.key_ordinal) AS [Value]
        FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
        JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
        WHERE i.object_id = OBJECT_ID({0}) AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND i.ignore_dup_key = 0
        GROUP BY i.index_id
        """;

    /// <summary>What is known of the database, of the tables of events and numbers, and of the columns of streams and numbers.</summary>
    public const string Facts =
        """
        SELECT (SELECT CAST(is_read_committed_snapshot_on AS int) FROM sys.databases WHERE database_id = DB_ID()) AS [Versions],
            (SELECT COUNT(*) FROM sys.tables WHERE object_id IN (OBJECT_ID({0}), OBJECT_ID({1})) AND is_memory_optimized = 0) AS [Tables],
            (SELECT collation_name FROM sys.columns WHERE object_id = OBJECT_ID({0}) AND name = {2}) AS [Collation],
            (SELECT CAST(is_identity AS int) FROM sys.columns WHERE object_id = OBJECT_ID({0}) AND name = {3}) AS [Identity]
        """;

    /// <summary>
    /// Appends: draws the number, and with it the row's lock, which the transaction keeps to its end; and only then looks at the stream, by a statement of its own, which sees
    /// everything that is committed by then.
    /// </summary>
    /// <remarks>
    /// After an error of a statement the server would go on with the next one. So nothing is inserted without a number, and TRY ends the batch. Outside of a transaction, as
    /// SqlClient sends a command whose transaction the server has rolled back, each statement would give its lock back at once.
    /// </remarks>
    public static string Append(EventSql sql, string numbers, string expectation, string values) =>
        $"""
        BEGIN TRY
            IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
            DECLARE @number bigint, @version bigint;
            UPDATE {numbers} SET @number = [number] = [number] + 1 WHERE [id] = 1;
            IF @number IS NULL THROW 50000, {Unicode($"Table {numbers} has no row, from which appends draw their numbers.")}, 1;
            SELECT @version = COALESCE(MAX({sql.Version}), 0) FROM {sql.Table} WHERE {sql.Stream} = @stream;
            IF EXISTS (SELECT 1 FROM (SELECT @version AS [version]) AS head WHERE {expectation})
                AND NOT EXISTS (SELECT 1 FROM {sql.Table} WHERE {sql.Stream} = @stream AND {sql.AppendId} = @append)
            BEGIN
                INSERT INTO {sql.Table} ({sql.Columns})
                SELECT @number, @stream, @append, @version + 1 + v.column1, v.column1, {EventSql.Sources} FROM {Values(values)};
                SELECT @number, @version + @@ROWCOUNT;
            END
        END TRY
        BEGIN CATCH
            THROW;
        END CATCH
        """;

    /// <summary>Adds further events to an append of the same transaction, which has the lock.</summary>
    public static string Add(EventSql sql, string values) =>
        $"""
        BEGIN TRY
            IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
            INSERT INTO {sql.Table} ({sql.Columns})
            SELECT @number, @stream, @append, @version + v.column1, v.column1, {EventSql.Sources} FROM {Values(values)};
            SELECT @number, MAX({sql.Version}) FROM {sql.Table} WHERE {sql.Stream} = @stream;
        END TRY
        BEGIN CATCH
            THROW;
        END CATCH
        """;

    /// <summary>Lets the table refuse rows. Creating a trigger waits for every transaction that has inserted, and lets none insert meanwhile.</summary>
    public static string Seal(EventSql sql) =>
        $"""
        CREATE OR ALTER TRIGGER {sql.SealBesideTable} ON {sql.Table} AFTER INSERT AS
        IF EXISTS (SELECT 1 FROM inserted) THROW 50000, {"N" + sql.SealReason}, 1;
        """;

    /// <summary>Takes that back.</summary>
    public static string Unseal(EventSql sql) => $"DROP TRIGGER IF EXISTS {sql.SealBesideTable}";

    private static string Values(string values) => $"(VALUES {values}) AS v (column1, column2, column3, column4, column5, column6, column7)";

    private static string Unicode(string text) => "N" + EventSql.Literal(text);
}
