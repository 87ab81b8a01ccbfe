using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Npgsql;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>Writes events into an inbox as one would by hand: one statement for a batch, whatever their keys and partitions.</summary>
internal sealed class RawInbox : IDisposable
{
    private const string Insert =
        """
        INSERT INTO messaging_inbox (consumer_group, source, event_id, topic, partition, record_offset, frame_index, epoch, handled_at)
        SELECT 'baseline', source, event_id, @topic, partition, record_offset, 0, 0, now() FROM unnest(@sources, @ids, @partitions, @offsets) AS one (source, event_id, partition, record_offset)
        ON CONFLICT (consumer_group, source, event_id) DO NOTHING
        """;

    private readonly NpgsqlConnection _connection;
    private readonly List<(string Source, string Id, int Partition, long Offset)> _waiting;
    private readonly int _batchSize;

    public RawInbox(string connectionString, int batchSize)
    {
        (_batchSize, _waiting) = (batchSize, new(batchSize));
        _connection = new(connectionString);
        _connection.Open();
    }

    /// <summary>Adds an event; the last of a batch waits until all of it is committed.</summary>
    public void Add(ConsumeResult<byte[], byte[]> result, CloudEvent cloudEvent)
    {
        _waiting.Add((cloudEvent.Source, cloudEvent.Id, result.Partition.Value, result.Offset.Value));

        if (_waiting.Count == _batchSize)
        {
            Flush(result.Topic);
        }
    }

    public void Dispose() => _connection.Dispose();

    private void Flush(string topic)
    {
        using var command = new NpgsqlCommand(Insert, _connection);
        command.Parameters.AddWithValue("topic", topic);
        command.Parameters.AddWithValue("sources", _waiting.Select(one => one.Source).ToArray());
        command.Parameters.AddWithValue("ids", _waiting.Select(one => one.Id).ToArray());
        command.Parameters.AddWithValue("partitions", _waiting.Select(one => one.Partition).ToArray());
        command.Parameters.AddWithValue("offsets", _waiting.Select(one => one.Offset).ToArray());
        command.ExecuteNonQuery();
        _waiting.Clear();
    }
}
