using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Topics;
using SQLitePCL;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>Reads from a file what the folds of its partitions need to go on, of all partitions before one of them is used: damage that is found here costs nothing.</summary>
internal sealed class SqliteRestore(SqliteDatabase database, SqliteWriter writer, int windowSize)
{
    private const int IdBytes = 16;

    /// <exception cref="SqliteStoreException">The file is damaged, or does not fit together.</exception>
    public Dictionary<(string Topic, int Partition), SqlitePartition> Run()
    {
        var partitions = new Dictionary<(string Topic, int Partition), SqlitePartition>();
        using var select = database.Prepare("SELECT id, topic, number, pos, last, cluster, topic_id FROM partitions");

        while (select.Step())
        {
            var partition = new SqlitePartition(writer, select.Int64(0));
            var (next, last) = (select.Int64(3), FoldedFrameBytes.Read(select.Blob(4)));

            if (last is null && select.Blob(4).Length > 0)
            {
                throw Damaged($"partition {select.Int64(2)} of topic '{select.Text(1)}' has a last frame that is none");
            }

            if (next > 0)
            {
                partition.Restored = Read(partition, next, last) with { Identity = new TopicIdentity(select.Text(5), select.Text(6)) };
            }

            partitions.Add((select.Text(1), (int)select.Int64(2)), partition);
        }

        return partitions;
    }

    private PartitionCheckpoint Read(SqlitePartition partition, long next, FoldedFrame? last)
    {
        var names = new Dictionary<long, StreamKey>();
        var versions = ReadVersions(partition, names);
        var window = ReadWindow(partition, names);
        return new PartitionCheckpoint(next, last, versions, window) { CoveredFrom = window.Count < windowSize ? 0 : window[0].Offset };
    }

    private List<KeyValuePair<StreamKey, long>> ReadVersions(SqlitePartition partition, Dictionary<long, StreamKey> names)
    {
        var versions = new List<KeyValuePair<StreamKey, long>>();
        using var select = database.Prepare(
            "SELECT id, name, (SELECT MAX(version) FROM frames WHERE stream = s.id) FROM streams s WHERE partition = ?1");
        select.Bind(1, partition.Id);

        while (select.Step())
        {
            var key = StreamKeys.Of(Encoding.UTF8.GetBytes(select.Text(1)));
            names.Add(select.Int64(0), key);
            partition.AddStream(key, select.Int64(0));
            versions.Add(select.Int64(2) > 0 ? new(key, select.Int64(2)) : throw Damaged($"stream '{select.Text(1)}' has no events"));
        }

        return versions;
    }

    private List<AcceptedAppend> ReadWindow(SqlitePartition partition, Dictionary<long, StreamKey> names)
    {
        var window = new List<AcceptedAppend>(windowSize);
        using var select = database.Prepare(
            "SELECT stream, append, version, offset FROM frames WHERE partition = ?1 ORDER BY offset DESC LIMIT ?2");
        select.Bind(1, partition.Id).Bind(2, windowSize);

        while (select.Step())
        {
            window.Add(names.TryGetValue(select.Int64(0), out var stream) && select.Blob(1).Length == IdBytes
                ? new(stream, new AppendId(new Guid(select.Blob(1), bigEndian: true)), select.Int64(2), select.Int64(3))
                : throw Damaged($"the frame of offset {select.Int64(3)} has no stream or no append id"));
        }

        window.Reverse();
        return window;
    }

    private SqliteStoreException Damaged(string what) => new(database.Path, raw.SQLITE_CORRUPT, $"it does not fit together: {what}.");
}
