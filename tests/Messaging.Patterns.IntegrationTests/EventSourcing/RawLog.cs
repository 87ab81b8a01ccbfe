using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>An event topic seen by a foreign client: read with a plain consumer, and folded by rule F as the documentation has it.</summary>
internal static class RawLog
{
    /// <summary>Reads all records that the topic has now, in order per partition.</summary>
    public static List<ConsumeResult<byte[], byte[]>> Read(string bootstrapServers, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "raw",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).ToList();

        // Up to the ends of now, since others may go on writing.
        var ends = partitions.ToDictionary(partition => partition, partition => EndsOf(consumer, partition));
        var open = partitions.Where(partition => ends[partition].High > ends[partition].Low).ToHashSet();
        consumer.Assign(open.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();

        while (open.Count > 0)
        {
            var record = consumer.Consume(TestContext.Current.CancellationToken);

            if (record.Offset < ends[record.TopicPartition].High)
            {
                records.Add(record);
            }

            if (record.Offset + 1 >= ends[record.TopicPartition].High)
            {
                open.Remove(record.TopicPartition);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    /// <summary>Writes records again, each to its partition.</summary>
    public static void Repeat(string bootstrapServers, IEnumerable<ConsumeResult<byte[], byte[]>> records)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrapServers, Acks = Acks.All }).Build();

        foreach (var record in records)
        {
            producer.Produce(record.TopicPartition, new Message<byte[], byte[]> { Key = record.Message.Key, Value = record.Message.Value });
        }

        while (producer.Flush(TimeSpan.FromSeconds(1)) > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Folds records by rule F: a frame is accepted iff its first version follows the stream's.</summary>
    public static List<AcceptedEvent> Fold(IEnumerable<ConsumeResult<byte[], byte[]>> records)
    {
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        var accepted = new List<AcceptedEvent>();

        foreach (var record in records)
        {
            using var value = JsonDocument.Parse(record.Message.Value);
            var events = value.RootElement.ValueKind == JsonValueKind.Array ? value.RootElement.EnumerateArray().ToList() : [value.RootElement];
            var stream = Encoding.UTF8.GetString(record.Message.Key);
            var first = VersionOf(events[0]);

            if (first == 0 || first != versions.GetValueOrDefault(stream) + 1)
            {
                continue;
            }

            versions[stream] = first + events.Count - 1;
            var append = events[0].GetProperty("appendid").GetString()!;
            accepted.AddRange(events.Select(one => new AcceptedEvent(
                stream, VersionOf(one), append, one.GetProperty("data").GetProperty("text").GetString()!, record.Partition.Value, record.Offset.Value)));
        }

        return accepted;
    }

    private static WatermarkOffsets EndsOf(IConsumer<byte[], byte[]> consumer, TopicPartition partition)
    {
        while (true)
        {
            try
            {
                return consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(5));
            }
            catch (KafkaException)
            {
                // Its leader was killed, and the next one is being chosen.
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static long VersionOf(JsonElement one) => long.Parse(one.GetProperty("streamversion").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>An event that rule F accepts.</summary>
internal sealed record AcceptedEvent(string Stream, long Version, string Append, string Text, int Partition, long Offset);
