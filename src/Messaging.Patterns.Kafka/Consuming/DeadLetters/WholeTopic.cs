using System.Runtime.CompilerServices;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>Reads all records that a topic had when it was opened, as often as it is asked, with a consumer that belongs to no group.</summary>
internal sealed class WholeTopic : IDisposable
{
    private const int AtOnce = 500;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly KafkaClients _clients;
    private readonly string _topic;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly Dictionary<TopicPartition, WatermarkOffsets> _ends = [];

    private WholeTopic(KafkaClients clients, string topic)
    {
        (_clients, _topic) = (clients, topic);
        _consumer = clients.CreateConsumer(config =>
        {
            config.GroupId = "whole-topic";
            config.EnablePartitionEof = true;
            config.AutoOffsetReset = AutoOffsetReset.Earliest;
            config.IsolationLevel = IsolationLevel.ReadUncommitted;
            config.ConsumeResultFields = "all";
        });
    }

    /// <summary>Looks where the topic ends. One that does not exist is empty.</summary>
    /// <exception cref="KafkaUnavailableException">The brokers do not answer.</exception>
    public static async Task<WholeTopic> OpenAsync(KafkaClients clients, TimeProvider time, string topic, CancellationToken cancellationToken)
    {
        var opened = new WholeTopic(clients, topic);

        try
        {
            var admin = new AdminSource(clients, time);
            await using var _ = admin.ConfigureAwait(false);
            var (_, found) = await FoundTopic.FindUnidentifiedAsync(admin, topic, cancellationToken).ConfigureAwait(false);
            await Task.Run(() => opened.FindEnds(found?.Partitions ?? 0), cancellationToken).ConfigureAwait(false);
            return opened;
        }
        catch (KafkaException exception)
        {
            opened.Dispose();
            throw opened.Unavailable(exception);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads the partitions one after another.</summary>
    /// <exception cref="KafkaUnavailableException">The brokers went away.</exception>
    public async IAsyncEnumerable<ConsumeResult<byte[], byte[]>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (partition, ends) in _ends.Where(entry => entry.Value.High.Value > entry.Value.Low.Value))
        {
            _consumer.Assign(new TopicPartitionOffset(partition, ends.Low));

            for (var isOver = false; !isOver;)
            {
                var records = await Task.Run(() => Take(cancellationToken), cancellationToken).ConfigureAwait(false);

                foreach (var record in records.Where(record => !record.IsPartitionEOF && record.Offset.Value < ends.High.Value))
                {
                    yield return record;
                }

                isOver = records.Exists(record => record.IsPartitionEOF || record.Offset.Value >= ends.High.Value - 1);
            }
        }
    }

    public void Dispose() => _consumer.Dispose();

    private KafkaUnavailableException Unavailable(KafkaException exception) => _clients.Unavailable($"read topic '{_topic}'", exception);

    private void FindEnds(int partitions)
    {
        for (var number = 0; number < partitions; number++)
        {
            var partition = new TopicPartition(_topic, number);
            _ends[partition] = _consumer.QueryWatermarkOffsets(partition, RequestTimeout);
        }
    }

    private List<ConsumeResult<byte[], byte[]>> Take(CancellationToken cancellationToken)
    {
        try
        {
            var records = new List<ConsumeResult<byte[], byte[]>> { _consumer.Consume(cancellationToken) };

            while (records.Count < AtOnce && !records[^1].IsPartitionEOF && _consumer.Consume(TimeSpan.Zero) is { } next)
            {
                records.Add(next);
            }

            return records;
        }
        catch (ConsumeException exception)
        {
            throw Unavailable(exception);
        }
    }
}
