using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>A <c>Consume</c> loop in a group, with the library's settings and a commit each second.</summary>
internal static class RawConsumer
{
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);

    /// <summary>Handles a topic until everything is counted.</summary>
    public static async Task<Sample> RunAsync(BenchmarkRun run, string topic, Counting counting, Action<ConsumeResult<byte[], byte[]>> handle)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        await Task.Factory.StartNew(() => Consume(run, topic, counting, handle), TaskCreationOptions.LongRunning);
        return await counting.Done;
    }

    private static void Consume(BenchmarkRun run, string topic, Counting counting, Action<ConsumeResult<byte[], byte[]>> handle)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = run.BootstrapServers,
            GroupId = KafkaTopics.UniqueName("bench"),
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadUncommitted,
            ConsumeResultFields = "all",
            FetchQueueBackoffMs = 5,
        }).Build();
        consumer.Subscribe(topic);
        var next = new long[RawTopic.Partitions];
        var committed = System.Diagnostics.Stopwatch.StartNew();

        while (!counting.Done.IsCompleted)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { IsPartitionEOF: false } result)
            {
                continue;
            }

            handle(result);
            counting.Add();
            next[result.Partition.Value] = result.Offset.Value + 1;

            if (committed.Elapsed > CommitInterval)
            {
                consumer.Commit(next.Select((offset, partition) => new TopicPartitionOffset(topic, partition, offset)));
                committed.Restart();
            }
        }

        consumer.Close();
    }
}
