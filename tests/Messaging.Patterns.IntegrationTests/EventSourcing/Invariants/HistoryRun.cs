using System.Diagnostics;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>Makes one history on three nodes, one of which is killed and one paused meanwhile; the tests of the invariants judge it.</summary>
public sealed class HistoryRun(ThreeNodeKafka kafka) : IAsyncLifetime
{
    private const int Clients = 6;

    // A client that waits for a broker that is away soon does something else.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("history-").FullName;
    private readonly List<StoreInstance> _instances = [];
    private Task<History>? _history;
    private KafkaCluster _cluster = null!;
    private StoreSetup _setup = null!;

    internal async Task<History> GetAsync()
    {
        _cluster = await kafka.GetClusterAsync();
        await _gate.WaitAsync(TestContext.Current.CancellationToken);

        try
        {
            return await (_history ??= RunAsync());
        }
        finally
        {
            _gate.Release();
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_instances.Select(instance => instance.DisposeAsync().AsTask()));
        Directory.Delete(_folder, recursive: true);
        _gate.Dispose();
    }

    private async Task<History> RunAsync()
    {
        var history = new History();
        _setup = new StoreSetup(_cluster.BootstrapServers, KafkaTopics.UniqueName("history")) { Topic = topic => topic.Partitions = 2 };
        await StartAsync("a", "b");
        var writerOnly = _setup with { Reads = false, Folder = Path.Combine(_folder, "writer"), Writer = options => options.CheckpointPath = "versions" };
        Directory.CreateDirectory(writerOnly.Folder!);
        await using (var restored = await StoreInstance.StartAsync(writerOnly))
        {
            await RunClientsAsync(history);
            await ResolveAsync(history);
        }

        await EndAsync(history, writerOnly);
        return history;
    }

    private async Task StartAsync(params string[] names)
    {
        foreach (var name in names)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            var instance = await StoreInstance.StartAsync(_setup with { Folder = folder, Reader = options => (options.InMemory, options.ReadTimeout) = (name == "fresh", ReadTimeout) });
            _instances.Add(instance);
            await instance.ReadyAsync();
        }
    }

    private async Task RunClientsAsync(History history)
    {
        using var stop = new CancellationTokenSource();
        var clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(number => RunClientAsync(number, history, stop)));

        try
        {
            await CauseFaultsAsync(history, stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await clients;
        }
    }

    private async Task RunClientAsync(int number, History history, CancellationTokenSource stop)
    {
        try
        {
            await new HistoryClient(number, 7 + number, _instances[number % 2], history).RunAsync(stop.Token);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task CauseFaultsAsync(History history, CancellationToken cancellationToken)
    {
        await UntilAsync(history, 40, cancellationToken);
        await _cluster.KillNodeAsync(1);
        await UntilAsync(history, 40, cancellationToken);
        await _cluster.StartNodeAsync(1);
        await UntilAsync(history, 40, cancellationToken);
        RawLog.Repeat(_cluster.BootstrapServers, RawLog.Read(_cluster.BootstrapServers, _setup.TopicName).Where((_, index) => index % 3 == 0));

        var paused = Stopwatch.GetTimestamp();
        await _cluster.PauseNodeAsync(3);
        await UntilAsync(history, 40, cancellationToken);
        await _cluster.ResumeNodeAsync(3);
        await UntilAsync(history, 40, cancellationToken);
        history.Pauses.Add((paused, Stopwatch.GetTimestamp()));
        await UntilAsync(history, 60, cancellationToken);
    }

    /// <summary>Waits until so many further appends were accepted.</summary>
    private static async Task UntilAsync(History history, int count, CancellationToken cancellationToken)
    {
        var wanted = history.Calls.Count(call => call.Outcome == CallOutcome.Accepted && call.Result is not null) + count;

        while (history.Calls.Count(call => call.Outcome == CallOutcome.Accepted && call.Result is not null) < wanted)
        {
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>Settles unknown outcomes, each twice and through different instances.</summary>
    private async Task ResolveAsync(History history)
    {
        foreach (var call in history.Calls.Where(call => call.Outcome == CallOutcome.Unknown))
        {
            foreach (var instance in _instances)
            {
                call.Resolutions.Add(await instance.Writer.ResolveAsync(call.Pending!, TestContext.Current.CancellationToken));
            }
        }
    }

    /// <summary>Writes every record again, then compares all who can read: those who were there, one restored from its file, and a new one.</summary>
    private async Task EndAsync(History history, StoreSetup writerOnly)
    {
        var log = RawLog.Read(_cluster.BootstrapServers, _setup.TopicName);
        history.Accepted = RawLog.Fold(log);
        RawLog.Repeat(_cluster.BootstrapServers, log);
        history.AcceptedWithCopies = RawLog.Fold(RawLog.Read(_cluster.BootstrapServers, _setup.TopicName));

        await _instances[1].DisposeAsync();
        _instances.RemoveAt(1);
        await StartAsync("b", "fresh");

        foreach (var instance in _instances)
        {
            history.Tables.Add(await TableAsync(history, instance));
        }

        await using var writer = await StoreInstance.StartAsync(writerOnly);
        await writer.ReadyAsync();

        foreach (var stream in history.Streams)
        {
            var partition = (await writer.EventLog.TopicAsync(_setup.TopicName, TestContext.Current.CancellationToken)).PartitionOf(Encoding.UTF8.GetBytes(stream));
            history.RestoredVersions[stream] = partition.Snapshot().Versions.Single(version => version.Key == StreamKeys.Of(Encoding.UTF8.GetBytes(stream))).Value;
        }
    }

    private static async Task<List<AcceptedEvent>> TableAsync(History history, StoreInstance instance)
    {
        var table = new List<AcceptedEvent>();

        foreach (var stream in history.Streams)
        {
            var events = await instance.Reader.ReadStreamAsync(StreamId.Parse(stream), new() { Consistency = ReadConsistency.Strong })
                .ToListAsync(TestContext.Current.CancellationToken);
            table.AddRange(events.Select(Describe));
        }

        return table;
    }

    private static AcceptedEvent Describe(RecordedEvent recorded)
    {
        var part = recorded.Position.Parts.Single();
        return new(
            recorded.Stream.ToString(), recorded.Version, recorded.Id.Split('-')[0], ((Noted)recorded.Payload).Text,
            int.Parse(part[(part.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture), recorded.Position.Next(part) - 1);
    }
}
