using System.Diagnostics;
using Confluent.Kafka;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>Looks again and again at what a consumer group has committed, past all proxies.</summary>
/// <param name="run">The run.</param>
/// <param name="group">The group.</param>
/// <param name="partitions">How many partitions the run's topic has.</param>
/// <param name="deadLetters">The group's topic of dead letters, of one partition; <see langword="null"/> if it has none.</param>
/// <param name="retryTopic">The group's retry topic, with the partitions of the run's topic; <see langword="null"/> if it has none.</param>
internal sealed class CommitWatch(ChaosRun run, string group, int partitions, string? deadLetters = null, string? retryTopic = null) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly List<TopicPartition> _partitions = [.. Enumerable.Range(0, partitions).Select(number => new TopicPartition(run.Topic, number))];
    private readonly List<Committed> _commits = [];

    // Another one after a failure: one that asks for a topic which it does not read may take a leader that was killed for the leader, for minutes.
    private IConsumer<Ignore, Ignore> _consumer = Connect(run, group);

    /// <summary>Gets the group.</summary>
    public string Group => group;

    /// <summary>Gets what was seen.</summary>
    public IReadOnlyList<Committed> Commits => _commits;

    /// <summary>Gets which partitions were not committed to their ends when that was looked at last, and where they were.</summary>
    public string Behind { get; private set; } = "nobody answered what is committed, or where the log ends";

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
            if (await LookAsync() is not { } committed || await Task.Run(Ends) is not { } ends)
            {
                continue;
            }

            var behind = ends.Where(end => committed.Next.GetValueOrDefault(end.Key) != end.Value).ToList();

            if (behind.Count == 0)
            {
                return true;
            }

            Behind = string.Join(", ", behind.Select(end => FormattableString.Invariant($"partition {end.Key} is committed to {committed.Next.GetValueOrDefault(end.Key)} and ends at {end.Value}")));
        }

        return false;
    }

    public void Dispose() => _consumer.Dispose();

    // It never joins the group. An admin client would do, if librdkafka did not abort the process when a coordinator goes away (librdkafka PR 5397).
    private static IConsumer<Ignore, Ignore> Connect(ChaosRun run, string group) => new ConsumerBuilder<Ignore, Ignore>(
        new ConsumerConfig { BootstrapServers = run.Cluster.BootstrapServers, GroupId = group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();

    private void Renew()
    {
        _consumer.Dispose();
        _consumer = Connect(run, group);
    }

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
            var at = Stopwatch.GetTimestamp();
            var next = found.Where(partition => partition.Offset.Value >= 0).ToDictionary(partition => partition.Partition.Value, partition => partition.Offset.Value);
            return new Committed(at, next) { SetAside = deadLetters is null ? 0 : EndOf(new TopicPartition(deadLetters, 0)), Redirected = retryTopic is null ? [] : EndsOf(retryTopic) };
        }
        catch (KafkaException)
        {
            // Brokers are away.
            Renew();
            return null;
        }
    }

    private Dictionary<int, long>? Ends()
    {
        try
        {
            return EndsOf(run.Topic);
        }
        catch (KafkaException)
        {
            Renew();
            return null;
        }
    }

    private Dictionary<int, long> EndsOf(string topic) => Enumerable.Range(0, partitions).ToDictionary(number => number, number => EndOf(new TopicPartition(topic, number)));

    private long EndOf(TopicPartition partition) => _consumer.QueryWatermarkOffsets(partition, RequestTimeout).High.Value;
}
