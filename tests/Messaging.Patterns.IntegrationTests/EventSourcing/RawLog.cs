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
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions.Select(partition => partition.PartitionId).ToList();
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();

        for (var open = partitions.Count; open > 0;)
        {
            var result = consumer.Consume(TestContext.Current.CancellationToken);

            if (result.IsPartitionEOF)
            {
                open--;
            }
            else
            {
                records.Add(result);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    /// <summary>Writes records again, each to its partition.</summary>
    public static void Repeat(string bootstrapServers, IEnumerable<ConsumeResult<byte[], byte[]>> records)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true }).Build();

        foreach (var record in records)
        {
            producer.Produce(record.TopicPartition, new Message<byte[], byte[]> { Key = record.Message.Key, Value = record.Message.Value });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
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

    private static long VersionOf(JsonElement one) => long.Parse(one.GetProperty("streamversion").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>An event that rule F accepts.</summary>
internal sealed record AcceptedEvent(string Stream, long Version, string Append, string Text, int Partition, long Offset);
