using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>One partition in the file: its place in the log, and the numbers of its streams.</summary>
internal sealed class SqlitePartition(SqliteWriter writer, SqliteDatabase database, long id) : IPartitionStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamKey, long> _streams = [];

    public long Id { get; } = id;

    public Action<long>? Committed { get; set; }

    public Action<MessagingException>? Failed
    {
        get;

        set
        {
            field = value;

            // The writer may have failed before anybody listened, at the partitions of another topic.
            if (writer.Failure is { } failure)
            {
                value?.Invoke(failure);
            }
        }
    }

    public void Append(in FoldedRecord record) => writer.Enqueue(this, record);

    /// <summary>Finds the number of a stream, which may not be committed yet. Readers ask too: that spares them a query.</summary>
    public long? FindStream(StreamKey stream)
    {
        lock (_gate)
        {
            return _streams.TryGetValue(stream, out var number) ? number : null;
        }
    }

    public void AddStream(StreamKey stream, long number)
    {
        lock (_gate)
        {
            _streams.Add(stream, number);
        }
    }

    public PartitionCheckpoint? Restore(int windowSize) => writer.Read(() => ReadCheckpoint(windowSize));

    private PartitionCheckpoint? ReadCheckpoint(int windowSize)
    {
        using var select = database.Prepare("SELECT pos, last FROM partitions WHERE id = ?1");

        if (!select.Bind(1, Id).Step() || select.Int64(0) == 0)
        {
            select.Reset();
            return null;
        }

        var (next, last) = (select.Int64(0), FoldedFrameBytes.Read(select.Blob(1)));
        select.Reset();
        var names = new Dictionary<long, StreamKey>();
        return new PartitionCheckpoint(next, last, RestoreVersions(names), RestoreWindow(names, windowSize));
    }

    private List<KeyValuePair<StreamKey, long>> RestoreVersions(Dictionary<long, StreamKey> names)
    {
        var versions = new List<KeyValuePair<StreamKey, long>>();
        using var select = database.Prepare(
            "SELECT id, name, (SELECT MAX(version) FROM frames WHERE stream = s.id) FROM streams s WHERE partition = ?1");
        select.Bind(1, Id);

        while (select.Step())
        {
            var key = StreamKeys.Of(Encoding.UTF8.GetBytes(select.Text(1)));
            names.Add(select.Int64(0), key);
            AddStream(key, select.Int64(0));
            versions.Add(new(key, select.Int64(2)));
        }

        return versions;
    }

    private List<AcceptedAppend> RestoreWindow(Dictionary<long, StreamKey> names, int size)
    {
        var window = new List<AcceptedAppend>(size);
        using var select = database.Prepare(
            "SELECT stream, append, version, offset FROM frames WHERE partition = ?1 ORDER BY offset DESC LIMIT ?2");
        select.Bind(1, Id).Bind(2, size);

        while (select.Step())
        {
            window.Add(new(names[select.Int64(0)], new AppendId(new Guid(select.Blob(1), bigEndian: true)), select.Int64(2), select.Int64(3)));
        }

        window.Reverse();
        return window;
    }
}
