CREATE TABLE [messaging_event] (
    [stream] nvarchar(512) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [version] bigint NOT NULL,
    [number] bigint NOT NULL,
    [event_index] int NOT NULL,
    [append_id] uniqueidentifier NOT NULL,
    [event_id] nvarchar(max) NOT NULL,
    [type] nvarchar(max) NOT NULL,
    [time] char(28) NOT NULL,
    [content_type] nvarchar(max) NOT NULL,
    [metadata] nvarchar(max) NOT NULL,
    [data] varbinary(max) NOT NULL,
    CONSTRAINT [PK_messaging_event] PRIMARY KEY NONCLUSTERED ([stream], [version])
);
GO


CREATE TABLE [messaging_event_number] (
    [id] int NOT NULL,
    [number] bigint NOT NULL,
    CONSTRAINT [PK_messaging_event_number] PRIMARY KEY ([id])
);
GO


CREATE TABLE [messaging_subscription] (
    [name] nvarchar(450) COLLATE Latin1_General_100_BIN2 NOT NULL,
    [number] bigint NOT NULL,
    [handled] int NOT NULL,
    [token] bigint NOT NULL,
    [beat] bigint NOT NULL,
    [is_free] bit NOT NULL,
    CONSTRAINT [PK_messaging_subscription] PRIMARY KEY ([name])
);
GO


CREATE TABLE [notes] (
    [Id] nvarchar(450) NOT NULL,
    [Count] int NOT NULL,
    CONSTRAINT [PK_notes] PRIMARY KEY ([Id])
);
GO


IF EXISTS (SELECT * FROM [sys].[identity_columns] WHERE [name] IN (N'id', N'number') AND [object_id] = OBJECT_ID(N'[messaging_event_number]'))
    SET IDENTITY_INSERT [messaging_event_number] ON;
INSERT INTO [messaging_event_number] ([id], [number])
VALUES (1, CAST(0 AS bigint));
IF EXISTS (SELECT * FROM [sys].[identity_columns] WHERE [name] IN (N'id', N'number') AND [object_id] = OBJECT_ID(N'[messaging_event_number]'))
    SET IDENTITY_INSERT [messaging_event_number] OFF;
GO


CREATE UNIQUE CLUSTERED INDEX [IX_messaging_event_number_event_index] ON [messaging_event] ([number], [event_index]);
GO


CREATE UNIQUE INDEX [IX_messaging_event_stream_append_id_event_index] ON [messaging_event] ([stream], [append_id], [event_index]);
GO


