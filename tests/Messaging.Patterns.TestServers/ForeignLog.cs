using Confluent.Kafka;

namespace Messaging.Patterns.TestServers;

/// <summary>A topic seen by a client that does not know the library: a plain consumer and a plain producer.</summary>
public static class ForeignLog
{
    /// <summary>Reads all records that a topic has now, in order per partition; of transactions those that are committed.</summary>
    /// <param name="bootstrapServers">The cluster.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static List<ConsumeResult<byte[], byte[]>> Read(string bootstrapServers, string topic, CancellationToken cancellationToken)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "raw",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).ToList();

        // Up to the ends of now, since others may go on writing.
        var ends = partitions.ToDictionary(partition => partition, partition => EndsOf(consumer, partition, cancellationToken));
        var open = partitions.Where(partition => ends[partition].High > ends[partition].Low).ToHashSet();
        consumer.Assign(open.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();

        while (open.Count > 0)
        {
            var record = consumer.Consume(cancellationToken);

            if (!record.IsPartitionEOF && record.Offset < ends[record.TopicPartition].High)
            {
                records.Add(record);
            }

            // The last offsets may be markers of transactions, which nobody sees.
            if (record.IsPartitionEOF || record.Offset + 1 >= ends[record.TopicPartition].High)
            {
                open.Remove(record.TopicPartition);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    /// <summary>Writes records again, each to its partition.</summary>
    /// <param name="bootstrapServers">The cluster.</param>
    /// <param name="records">The records.</param>
    /// <param name="cancellationToken">Ends the wait for the brokers.</param>
    /// <returns>How many of them were not written.</returns>
    public static int Repeat(string bootstrapServers, IEnumerable<ConsumeResult<byte[], byte[]>> records, CancellationToken cancellationToken)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrapServers, Acks = Acks.All }).Build();
        var failed = 0;

        foreach (var record in records)
        {
            var copy = new Message<byte[], byte[]> { Key = record.Message.Key, Value = record.Message.Value };
            producer.Produce(record.TopicPartition, copy, report => Interlocked.Add(ref failed, report.Error.IsError ? 1 : 0));
        }

        while (producer.Flush(TimeSpan.FromSeconds(1)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return failed;
    }

    private static WatermarkOffsets EndsOf(IConsumer<byte[], byte[]> consumer, TopicPartition partition, CancellationToken cancellationToken)
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
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
