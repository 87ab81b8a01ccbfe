using System.Runtime.InteropServices;
using System.Text;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>The one thread that writes: it takes whatever is waiting into one transaction, so batches grow with the load and an idle store commits at once.</summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private const int MaxBatch = 10_000;

    private readonly SqliteDatabase _database;
    private readonly ILogger _logger;
    private readonly SqliteWal _wal;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _insertStream;
    private readonly SqliteStatement _insertFrame;
    private readonly SqliteStatement _updatePartition;
    private readonly Lock _gate = new();

    // The connection serves one thread at a time: this one, and those that open partitions while others are written already.
    private readonly Lock _use = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Dictionary<SqlitePartition, (FoldedRecord Record, FoldedRecord? Frame)> _last = [];
    private readonly List<SqlitePartition> _partitions = [];
    private readonly Thread _thread;
    private List<(SqlitePartition Partition, FoldedRecord Record)> _waiting = [];
    private List<(SqlitePartition Partition, FoldedRecord Record)> _batch = [];
    private MessagingException? _failure;
    private bool _stopping;

    public SqliteWriter(SqliteDatabase database, StoreBacklog backlog, ILogger logger)
    {
        (_database, Backlog, _logger) = (database, backlog, logger);
        _wal = new SqliteWal(database);
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _insertStream = database.Prepare("INSERT INTO streams (partition, name) VALUES (?1, ?2) RETURNING id");
        _insertFrame = database.Prepare("INSERT INTO frames (partition, offset, stream, version, count, append, frame) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _updatePartition = database.Prepare("UPDATE partitions SET pos = ?2, last = ifnull(?3, last) WHERE id = ?1");
        _thread = new Thread(Write) { IsBackground = true, Name = "event store writer" };
    }

    /// <summary>Gets what was handed over and is not committed.</summary>
    public StoreBacklog Backlog { get; }

    /// <summary>Gets why nothing is written any more, or <see langword="null"/>.</summary>
    public MessagingException? Failure
    {
        get
        {
            lock (_gate)
            {
                return _failure;
            }
        }
    }

    public SqlitePartition OpenPartition(string topic, int number)
    {
        using var use = _use.EnterScope();
        using var insert = _database.Prepare(
            "INSERT INTO partitions (topic, number, pos, last) VALUES (?1, ?2, 0, zeroblob(0)) ON CONFLICT DO UPDATE SET topic = topic RETURNING id");
        insert.Bind(1, topic).Bind(2, number).Step();
        var partition = new SqlitePartition(this, insert.Int64(0));
        insert.Run();
        Add(partition);
        return partition;
    }

    /// <summary>Takes a partition that is in the file already.</summary>
    public void Add(SqlitePartition partition)
    {
        lock (_gate)
        {
            _partitions.Add(partition);
        }
    }

    /// <summary>Commits which topic is folded into a partition.</summary>
    public void Adopt(SqlitePartition partition, TopicIdentity identity)
    {
        using var use = _use.EnterScope();
        using var update = _database.Prepare("UPDATE partitions SET cluster = ?2, topic_id = ?3 WHERE id = ?1");
        update.Bind(1, partition.Id).Bind(2, identity.Cluster).Bind(3, identity.Topic).Run();
    }

    public void Enqueue(SqlitePartition partition, in FoldedRecord record)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _waiting.Add((partition, record));
            Backlog.Add(record);

            if (_waiting.Count > 1)
            {
                return;
            }

            if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                _thread.Start();
            }
        }

        _wake.Release();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        _wake.Release();

        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            await Task.Run(_thread.Join).ConfigureAwait(false);
        }

        _wake.Dispose();
    }

    private void Write()
    {
        try
        {
            while (TakeBatch())
            {
                for (var start = 0; start < _batch.Count; start += MaxBatch)
                {
                    Commit(start, Math.Min(MaxBatch, _batch.Count - start));
                }
            }
        }
        catch (Exception exception)
        {
            Fail(exception as MessagingException ?? new SqliteStoreException(_database.Path, 0, exception.Message));
        }
    }

    private bool TakeBatch()
    {
        _batch.Clear();

        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0)
                {
                    (_batch, _waiting) = (_waiting, _batch);
                    return true;
                }

                if (_stopping)
                {
                    return false;
                }
            }

            if (!TryCheckpoint())
            {
                _wake.Wait();
            }
        }
    }

    private bool TryCheckpoint()
    {
        lock (_use)
        {
            return _wal.TryCheckpoint();
        }
    }

    // Frames and places in one transaction: a crash before the commit repeats them all from the log, a crash after it repeats none.
    private void Commit(int start, int count)
    {
        using var use = _use.EnterScope();
        var records = CollectionsMarshal.AsSpan(_batch).Slice(start, count);
        var bytes = 0L;
        Begin();

        foreach (var (partition, record) in records)
        {
            bytes += StoreBacklog.SizeOf(record);

            if (record.IsAccepted)
            {
                Insert(partition, record);
            }

            _last[partition] = (record, record.Frame is null ? _last.GetValueOrDefault(partition).Frame : record);
        }

        foreach (var (partition, last) in _last)
        {
            UpdatePartition(partition, last.Record, last.Frame);
        }

        _commit.Run();

        foreach (var (partition, last) in _last)
        {
            partition.Committed?.Invoke(last.Record.Offset + 1);
        }

        _last.Clear();
        foreach (ref var one in records)
        {
            one.Record.Release();
        }

        records.Clear();
        _wal.Written(bytes);
        Backlog.Remove(count, bytes);
    }

    // Somebody else may hold the file for a while, such as a person who looks into it.
    private void Begin()
    {
        while (true)
        {
            try
            {
                _begin.Run();
                return;
            }
            catch (SqliteStoreException exception) when (exception.IsTransient && !Volatile.Read(ref _stopping))
            {
                Log.Busy(_logger, exception, _database.Path);
            }
        }
    }

    private void Insert(SqlitePartition partition, in FoldedRecord record)
    {
        var frame = record.Frame!.Value;

        if (partition.FindStream(frame.Stream) is not { } stream)
        {
            _insertStream.Bind(1, partition.Id).Bind(2, Encoding.UTF8.GetString(record.Key)).Step();
            stream = _insertStream.Int64(0);
            _insertStream.Run();
            partition.AddStream(frame.Stream, stream);
        }

        Span<byte> append = stackalloc byte[16];
        frame.AppendId.Value.TryWriteBytes(append, bigEndian: true, out _);
        _insertFrame
            .Bind(1, partition.Id).Bind(2, record.Offset).Bind(3, stream)
            .Bind(4, frame.LastVersion).Bind(5, frame.Count)
            .Bind(6, append).Bind(7, record.Value)
            .Run();
    }

    private void UpdatePartition(SqlitePartition partition, in FoldedRecord record, in FoldedRecord? last)
    {
        Span<byte> bytes = stackalloc byte[FoldedFrameBytes.Size];
        _updatePartition.Bind(1, partition.Id).Bind(2, record.Offset + 1);

        if (last is { Frame: { } frame, Offset: var offset })
        {
            FoldedFrameBytes.Write(bytes, offset, frame);
            _updatePartition.Bind(3, bytes);
        }
        else
        {
            _updatePartition.BindNull(3);
        }

        _updatePartition.Run();
    }

    /// <summary>Stops for good: nothing is written any more, and the partitions hear why.</summary>
    public void Fail(MessagingException failure)
    {
        List<SqlitePartition> partitions;

        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = failure;
            _waiting.Clear();
            partitions = [.. _partitions];
        }

        Log.Failed(_logger, failure, _database.Path);

        if (failure is SqliteStoreException { IsDamage: true })
        {
            MarkDamaged();
        }

        foreach (var partition in partitions)
        {
            partition.Failed?.Invoke(failure);
        }

        // Only now: who has waited for room is told at once that the partition has stopped.
        Backlog.Open();
    }

    private void MarkDamaged()
    {
        try
        {
            SqliteDamage.Mark(_database.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotMarked(_logger, exception, _database.Path);
        }
    }
}
