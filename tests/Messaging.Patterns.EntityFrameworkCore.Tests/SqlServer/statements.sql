-- append to a stream at a version
BEGIN TRANSACTION -- ReadCommitted
GO
-- @stream nvarchar(512), @append uniqueidentifier, @expected bigint, @p3 nvarchar(4000), @p4 nvarchar(4000), @p5 char(28), @p6 nvarchar(4000), @p7 nvarchar(4000), @p8 varbinary(8000), @p9 nvarchar(4000), ...
BEGIN TRY
    IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
    DECLARE @number bigint, @version bigint;
    UPDATE [messaging_event_number] SET @number = [number] = [number] + 1 WHERE [id] = 1;
    IF @number IS NULL THROW 50000, N'Table [messaging_event_number] has no row, from which appends draw their numbers.', 1;
    SELECT @version = COALESCE(MAX([version]), 0) FROM [messaging_event] WHERE [stream] = @stream;
    IF EXISTS (SELECT 1 FROM (SELECT @version AS [version]) AS head WHERE head.version = @expected)
        AND NOT EXISTS (SELECT 1 FROM [messaging_event] WHERE [stream] = @stream AND [append_id] = @append)
    BEGIN
        INSERT INTO [messaging_event] ([number], [stream], [append_id], [version], [event_index], [event_id], [type], [time], [content_type], [metadata], [data])
        SELECT @number, @stream, @append, @version + 1 + v.column1, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7 FROM (VALUES (0, @p3, @p4, @p5, @p6, @p7, @p8), (1, @p9, @p10, @p11, @p12, @p13, @p14)) AS v (column1, column2, column3, column4, column5, column6, column7);
        SELECT @number, @version + @@ROWCOUNT;
    END
END TRY
BEGIN CATCH
    THROW;
END CATCH
GO
COMMIT TRANSACTION
GO

-- append to a stream that exists, refused
BEGIN TRANSACTION -- ReadCommitted
GO
-- @stream nvarchar(512), @append uniqueidentifier, @p2 nvarchar(4000), @p3 nvarchar(4000), @p4 char(28), @p5 nvarchar(4000), @p6 nvarchar(4000), @p7 varbinary(8000)
BEGIN TRY
    IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
    DECLARE @number bigint, @version bigint;
    UPDATE [messaging_event_number] SET @number = [number] = [number] + 1 WHERE [id] = 1;
    IF @number IS NULL THROW 50000, N'Table [messaging_event_number] has no row, from which appends draw their numbers.', 1;
    SELECT @version = COALESCE(MAX([version]), 0) FROM [messaging_event] WHERE [stream] = @stream;
    IF EXISTS (SELECT 1 FROM (SELECT @version AS [version]) AS head WHERE head.version > 0)
        AND NOT EXISTS (SELECT 1 FROM [messaging_event] WHERE [stream] = @stream AND [append_id] = @append)
    BEGIN
        INSERT INTO [messaging_event] ([number], [stream], [append_id], [version], [event_index], [event_id], [type], [time], [content_type], [metadata], [data])
        SELECT @number, @stream, @append, @version + 1 + v.column1, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7 FROM (VALUES (0, @p2, @p3, @p4, @p5, @p6, @p7)) AS v (column1, column2, column3, column4, column5, column6, column7);
        SELECT @number, @version + @@ROWCOUNT;
    END
END TRY
BEGIN CATCH
    THROW;
END CATCH
GO
-- @name nvarchar(512), @guid uniqueidentifier
SELECT TOP(1) [m].[number] AS [Number], [m].[version] AS [Version]
FROM [messaging_event] AS [m]
WHERE [m].[stream] = @name AND [m].[append_id] = @guid
ORDER BY [m].[event_index] DESC
GO
-- @name nvarchar(512)
SELECT TOP(1) [m].[number] AS [Number], [m].[version] AS [Version]
FROM [messaging_event] AS [m]
WHERE [m].[stream] = @name
ORDER BY [m].[version] DESC
GO
ROLLBACK TRANSACTION
GO

-- append at any version, of more events than one command takes
BEGIN TRANSACTION -- ReadCommitted
GO
-- @stream nvarchar(512), @append uniqueidentifier, @p2 nvarchar(4000), @p3 nvarchar(4000), @p4 char(28), @p5 nvarchar(4000), @p6 nvarchar(4000), @p7 varbinary(8000), @p8 nvarchar(4000), @p9 nvarchar(4000), ...
BEGIN TRY
    IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
    DECLARE @number bigint, @version bigint;
    UPDATE [messaging_event_number] SET @number = [number] = [number] + 1 WHERE [id] = 1;
    IF @number IS NULL THROW 50000, N'Table [messaging_event_number] has no row, from which appends draw their numbers.', 1;
    SELECT @version = COALESCE(MAX([version]), 0) FROM [messaging_event] WHERE [stream] = @stream;
    IF EXISTS (SELECT 1 FROM (SELECT @version AS [version]) AS head WHERE 1 = 1)
        AND NOT EXISTS (SELECT 1 FROM [messaging_event] WHERE [stream] = @stream AND [append_id] = @append)
    BEGIN
        INSERT INTO [messaging_event] ([number], [stream], [append_id], [version], [event_index], [event_id], [type], [time], [content_type], [metadata], [data])
        SELECT @number, @stream, @append, @version + 1 + v.column1, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7 FROM (VALUES (0, @p2, @p3, @p4, @p5, @p6, @p7), ...) AS v (column1, column2, column3, column4, column5, column6, column7);
        SELECT @number, @version + @@ROWCOUNT;
    END
END TRY
BEGIN CATCH
    THROW;
END CATCH
GO
-- @stream nvarchar(512), @append uniqueidentifier, @number bigint, @version bigint, @p4 nvarchar(4000), @p5 nvarchar(4000), @p6 char(28), @p7 nvarchar(4000), @p8 nvarchar(4000), @p9 varbinary(8000)
BEGIN TRY
    IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
    INSERT INTO [messaging_event] ([number], [stream], [append_id], [version], [event_index], [event_id], [type], [time], [content_type], [metadata], [data])
    SELECT @number, @stream, @append, @version + v.column1, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7 FROM (VALUES (300, @p4, @p5, @p6, @p7, @p8, @p9)) AS v (column1, column2, column3, column4, column5, column6, column7);
    SELECT @number, MAX([version]) FROM [messaging_event] WHERE [stream] = @stream;
END TRY
BEGIN CATCH
    THROW;
END CATCH
GO
COMMIT TRANSACTION
GO

-- append in the transaction of a context
BEGIN TRANSACTION -- Unspecified
GO
SAVE TRANSACTION [messaging_append];
GO
-- @stream nvarchar(512), @append uniqueidentifier, @expected bigint, @p3 nvarchar(4000), @p4 nvarchar(4000), @p5 char(28), @p6 nvarchar(4000), @p7 nvarchar(4000), @p8 varbinary(8000)
BEGIN TRY
    IF @@TRANCOUNT = 0 THROW 50000, N'The transaction of the append has ended already.', 1;
    DECLARE @number bigint, @version bigint;
    UPDATE [messaging_event_number] SET @number = [number] = [number] + 1 WHERE [id] = 1;
    IF @number IS NULL THROW 50000, N'Table [messaging_event_number] has no row, from which appends draw their numbers.', 1;
    SELECT @version = COALESCE(MAX([version]), 0) FROM [messaging_event] WHERE [stream] = @stream;
    IF EXISTS (SELECT 1 FROM (SELECT @version AS [version]) AS head WHERE head.version = @expected)
        AND NOT EXISTS (SELECT 1 FROM [messaging_event] WHERE [stream] = @stream AND [append_id] = @append)
    BEGIN
        INSERT INTO [messaging_event] ([number], [stream], [append_id], [version], [event_index], [event_id], [type], [time], [content_type], [metadata], [data])
        SELECT @number, @stream, @append, @version + 1 + v.column1, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7 FROM (VALUES (0, @p3, @p4, @p5, @p6, @p7, @p8)) AS v (column1, column2, column3, column4, column5, column6, column7);
        SELECT @number, @version + @@ROWCOUNT;
    END
END TRY
BEGIN CATCH
    THROW;
END CATCH
GO
-- @p int, @name nvarchar(512), @from bigint
SELECT TOP(@p) [m].[stream], [m].[version], [m].[append_id], [m].[content_type], [m].[data], [m].[event_id], [m].[event_index], [m].[metadata], [m].[number], [m].[time], [m].[type]
FROM [messaging_event] AS [m]
WHERE [m].[stream] = @name AND [m].[version] >= @from
ORDER BY [m].[version]
GO
COMMIT TRANSACTION
GO

-- resolve
-- @name nvarchar(512), @guid uniqueidentifier
SELECT TOP(1) [m].[number] AS [Number], [m].[version] AS [Version]
FROM (
    SELECT * FROM [messaging_event] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[stream] = @name AND [m].[append_id] = @guid
ORDER BY [m].[event_index] DESC
GO
-- @name nvarchar(512), @version bigint
SELECT CASE
    WHEN EXISTS (
        SELECT 1
        FROM (
            SELECT * FROM [messaging_event] WITH (READCOMMITTED)
        ) AS [m]
        WHERE [m].[stream] = @name AND [m].[version] = @version) THEN CAST(1 AS bit)
    ELSE CAST(0 AS bit)
END
GO

-- read a stream
-- @p3 int, @name nvarchar(512), @from bigint
SELECT TOP(@p3) [m].[stream], [m].[version], [m].[append_id], [m].[content_type], [m].[data], [m].[event_id], [m].[event_index], [m].[metadata], [m].[number], [m].[time], [m].[type]
FROM (
    SELECT * FROM [messaging_event] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[stream] = @name AND [m].[version] >= @from
ORDER BY [m].[version]
GO

-- read a stream once a position is there
-- @number bigint
SELECT CASE
    WHEN EXISTS (
        SELECT 1
        FROM (
            SELECT * FROM [messaging_event] WITH (READCOMMITTED)
        ) AS [m]
        WHERE [m].[number] = @number) THEN CAST(1 AS bit)
    ELSE CAST(0 AS bit)
END
GO
-- @p3 int, @name nvarchar(512), @from bigint
SELECT TOP(@p3) [m].[stream], [m].[version], [m].[append_id], [m].[content_type], [m].[data], [m].[event_id], [m].[event_index], [m].[metadata], [m].[number], [m].[time], [m].[type]
FROM (
    SELECT * FROM [messaging_event] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[stream] = @name AND [m].[version] >= @from
ORDER BY [m].[version]
GO

-- read the feed
SELECT MAX([m].[number])
FROM (
    SELECT * FROM [messaging_event] WITH (READCOMMITTED)
) AS [m]
GO
-- @p5 int, @number bigint, @to bigint, @index int
SELECT TOP(@p5) [m].[stream], [m].[version], [m].[append_id], [m].[content_type], [m].[data], [m].[event_id], [m].[event_index], [m].[metadata], [m].[number], [m].[time], [m].[type]
FROM (
    SELECT * FROM [messaging_event] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[number] >= @number AND [m].[number] <= @to AND ([m].[number] > @number OR [m].[event_index] >= @index)
ORDER BY [m].[number], [m].[event_index]
GO

-- seal
CREATE OR ALTER TRIGGER [messaging_event_sealed] ON [messaging_event] AFTER INSERT AS
IF EXISTS (SELECT 1 FROM inserted) THROW 50000, N'The event store in table [messaging_event] is sealed: its events were copied to another store, which is to be used now.', 1;
GO

-- take the seal off
DROP TRIGGER IF EXISTS [messaging_event_sealed]
GO

-- look at the tables when the host starts
SELECT [m].[stream], [m].[version], [m].[append_id], [m].[content_type], [m].[data], [m].[event_id], [m].[event_index], [m].[metadata], [m].[number], [m].[time], [m].[type]
FROM [messaging_event] AS [m]
WHERE 0 = 1
GO
SELECT [m].[name], [m].[beat], [m].[handled], [m].[is_free], [m].[number], [m].[token]
FROM [messaging_subscription] AS [m]
WHERE 0 = 1
GO
-- p0 nvarchar(4000)
SELECT STRING_AGG(c.name, N',') WITHIN GROUP (ORDER BY k.key_ordinal) AS [Value]
FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0
JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE i.object_id = OBJECT_ID(@p0) AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND i.ignore_dup_key = 0
GROUP BY i.index_id

GO
SELECT [m].[id], [m].[number]
FROM [messaging_event_number] AS [m]
WHERE 0 = 1
GO
-- p0 nvarchar(4000), p1 nvarchar(4000), p2 nvarchar(4000), p3 nvarchar(4000)
SELECT (SELECT CAST(is_read_committed_snapshot_on AS int) FROM sys.databases WHERE database_id = DB_ID()) AS [Versions],
    (SELECT COUNT(*) FROM sys.tables WHERE object_id IN (OBJECT_ID(@p0), OBJECT_ID(@p1)) AND is_memory_optimized = 0) AS [Tables],
    (SELECT collation_name FROM sys.columns WHERE object_id = OBJECT_ID(@p0) AND name = @p2) AS [Collation],
    (SELECT CAST(is_identity AS int) FROM sys.columns WHERE object_id = OBJECT_ID(@p0) AND name = @p3) AS [Identity]

GO
SELECT MAX([m].[number])
FROM (
    SELECT * FROM [messaging_event] WITH (READCOMMITTED)
) AS [m]
GO
SELECT TOP(2) [m].[number]
FROM (
    SELECT * FROM [messaging_event_number] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[id] = 1
GO

-- look who keeps others from appending
-- p0 nvarchar(4000)
SELECT TOP (1) CONCAT(N'session ', s.session_id, N' of application ''', s.program_name, N''', login ''', s.login_name, N''', host ''', s.host_name,
    N''', in state ''', s.status, N''', whose last statement began at ', CONVERT(nvarchar(30), s.last_request_start_time, 126)) AS [Value]
FROM sys.dm_tran_locks AS l JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
WHERE l.resource_type = N'OBJECT' AND l.resource_database_id = DB_ID() AND l.resource_associated_entity_id = OBJECT_ID(@p0)
    AND l.request_mode IN (N'IX', N'SIX', N'X') AND l.request_status = N'GRANT' AND s.session_id <> @@SPID
    AND NOT EXISTS (SELECT 1 FROM sys.dm_exec_requests AS r WHERE r.session_id = s.session_id AND r.blocking_session_id <> 0)
ORDER BY s.last_request_start_time

GO

-- take the lease of a subscription for the first time, and when it is there
-- @name nvarchar(450)
SELECT TOP(2) [m].[name], [m].[beat], [m].[handled], [m].[is_free], [m].[number], [m].[token]
FROM (
    SELECT * FROM [messaging_subscription] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[name] = @name
GO
-- @p0 nvarchar(450), @p1 bigint, @p2 int, @p3 bit, @p4 bigint, @p5 bigint
SET IMPLICIT_TRANSACTIONS OFF;
SET NOCOUNT ON;
INSERT INTO [messaging_subscription] ([name], [beat], [handled], [is_free], [number], [token])
VALUES (@p0, @p1, @p2, @p3, @p4, @p5);

GO
-- @name nvarchar(450)
SELECT TOP(2) [m].[name], [m].[beat], [m].[handled], [m].[is_free], [m].[number], [m].[token]
FROM (
    SELECT * FROM [messaging_subscription] WITH (READCOMMITTED)
) AS [m]
WHERE [m].[name] = @name
GO
-- @p bigint, @p4 bigint, @p5 bit, @name nvarchar(450), @row_Token bigint, @row_Beat bigint
UPDATE [m]
SET [m].[token] = @p,
    [m].[beat] = @p4,
    [m].[is_free] = @p5
FROM [messaging_subscription] AS [m]
WHERE [m].[name] = @name AND [m].[token] = @row_Token AND [m].[beat] = @row_Beat
GO

-- beat, move and release a lease
-- @name nvarchar(450), @Token bigint
UPDATE [m]
SET [m].[beat] = [m].[beat] + CAST(1 AS bigint)
FROM [messaging_subscription] AS [m]
WHERE [m].[name] = @name AND [m].[token] = @Token
GO
-- @p bigint, @p3 int, @name nvarchar(450), @Token bigint
UPDATE [m]
SET [m].[number] = @p,
    [m].[handled] = @p3,
    [m].[beat] = [m].[beat] + CAST(1 AS bigint)
FROM [messaging_subscription] AS [m]
WHERE [m].[name] = @name AND [m].[token] = @Token
GO
-- @p bit, @name nvarchar(450), @Token bigint
UPDATE [m]
SET [m].[is_free] = @p
FROM [messaging_subscription] AS [m]
WHERE [m].[name] = @name AND [m].[token] = @Token
GO

