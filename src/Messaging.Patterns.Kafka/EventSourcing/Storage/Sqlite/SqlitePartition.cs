using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>One partition in the file: its place in the log, and the numbers of its streams.</summary>
internal sealed class SqlitePartition(SqliteWriter writer, long id) : IPartitionStore
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

    /// <summary>Gets or sets what was committed before this process started, until it is asked for: it may be large.</summary>
    public PartitionCheckpoint? Restored { get; set; }

    public void Append(in FoldedRecord record) => writer.Enqueue(this, record);

    public void Adopt(TopicIdentity identity) => writer.Adopt(this, identity);

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

    public PartitionCheckpoint? Restore()
    {
        var restored = Restored;
        Restored = null;
        return restored;
    }
}
