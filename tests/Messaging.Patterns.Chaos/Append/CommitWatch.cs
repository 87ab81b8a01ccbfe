using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Append.Processes;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>Looks again and again at what the consumer group has committed, past all proxies.</summary>
internal sealed class CommitWatch(ChaosRun run) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly List<TopicPartition> _partitions = [.. Enumerable.Range(0, AppendScenario.Partitions).Select(number => new TopicPartition(run.Topic, number))];
    private readonly List<Committed> _commits = [];
    private readonly IAdminClient _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = run.Cluster.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    /// <summary>Gets what was seen.</summary>
    public IReadOnlyList<Committed> Commits => _commits;

    public async Task RunAsync(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            await LookAsync();
            await Task.Delay(1_000, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until everything in the log is committed, and returns whether it is within the limit.</summary>
    public async Task<bool> UntilCaughtUpAsync(TimeSpan limit)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < limit; await Task.Delay(200))
        {
            if (await LookAsync() is { } committed && await EndsAsync() is { } ends && ends.All(end => committed.Next.GetValueOrDefault(end.Key) == end.Value))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _admin.Dispose();

    private async Task<Committed?> LookAsync()
    {
        try
        {
            var found = await _admin.ListConsumerGroupOffsetsAsync(
                [new ConsumerGroupTopicPartitions(MemberProcess.Group, _partitions)], new() { RequestTimeout = RequestTimeout });
            var next = found[0].Partitions.Where(partition => partition.Offset.Value >= 0).ToDictionary(partition => partition.Partition.Value, partition => partition.Offset.Value);
            var committed = new Committed(Stopwatch.GetTimestamp(), next);
            _commits.Add(committed);
            return committed;
        }
        catch (KafkaException)
        {
            // Brokers are away.
            return null;
        }
    }

    private async Task<Dictionary<int, long>?> EndsAsync()
    {
        try
        {
            var found = await _admin.ListOffsetsAsync(
                _partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }), new() { RequestTimeout = RequestTimeout });
            return found.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
