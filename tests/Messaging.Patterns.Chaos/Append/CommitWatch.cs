using System.Diagnostics;
using Confluent.Kafka;
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

    // It never joins the group. An admin client would do, if librdkafka did not abort the process when a coordinator goes away (librdkafka PR 5397).
    private readonly IConsumer<Ignore, Ignore> _consumer = new ConsumerBuilder<Ignore, Ignore>(
        new ConsumerConfig { BootstrapServers = run.Cluster.BootstrapServers, GroupId = MemberProcess.Group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();

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
            if (await LookAsync() is { } committed && await Task.Run(Ends) is { } ends && ends.All(end => committed.Next.GetValueOrDefault(end.Key) == end.Value))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _consumer.Dispose();

    private async Task<Committed?> LookAsync()
    {
        var committed = await Task.Run(Look);

        if (committed is not null)
        {
            _commits.Add(committed);
        }

        return committed;
    }

    private Committed? Look()
    {
        try
        {
            var found = _consumer.Committed(_partitions, RequestTimeout);
            var next = found.Where(partition => partition.Offset.Value >= 0).ToDictionary(partition => partition.Partition.Value, partition => partition.Offset.Value);
            return new Committed(Stopwatch.GetTimestamp(), next);
        }
        catch (KafkaException)
        {
            // Brokers are away.
            return null;
        }
    }

    private Dictionary<int, long>? Ends()
    {
        try
        {
            return _partitions.ToDictionary(partition => partition.Partition.Value, partition => _consumer.QueryWatermarkOffsets(partition, RequestTimeout).High.Value);
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
