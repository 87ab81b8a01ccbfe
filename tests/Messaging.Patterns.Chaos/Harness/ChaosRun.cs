using System.Diagnostics;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>What every scenario stands on: three brokers, networks that can be made bad, child processes, and a folder for what they leave.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    /// <summary>How many networks there are between clients and brokers; each fails on its own.</summary>
    public const int Zones = 2;

    /// <summary>How many brokers there are.</summary>
    public const int Brokers = 3;

    // Of groups that brokers divide: a member that was killed is missed after seconds, as one of the classic protocol is.
    private static readonly string[] Settings =
    [
        "group.consumer.min.session.timeout.ms=1000", "group.consumer.session.timeout.ms=5000",
        "group.consumer.min.heartbeat.interval.ms=500", "group.consumer.heartbeat.interval.ms=1000",
    ];

    private readonly ChaosArguments _arguments;
    private readonly string _scenario;
    private readonly List<ChildProcess> _children = [];

    private ChaosRun(ChaosArguments arguments, string scenario, KafkaCluster cluster, CancellationToken stopping) =>
        (_arguments, _scenario, Cluster, Stopping) = (arguments, scenario, cluster, stopping);

    public KafkaCluster Cluster { get; }

    /// <summary>Gets a token that is cancelled when the user interrupts the run.</summary>
    public CancellationToken Stopping { get; }

    public TimeSpan Duration => _arguments.Duration;

    public int Seed => _arguments.Seed;

    public string Folder { get; } = Directory.CreateTempSubdirectory("chaos-").FullName;

    public string Topic { get; } = KafkaTopics.UniqueName("chaos");

    /// <summary>Gets or sets the connection string that processes are told; to be set before they are added.</summary>
    public string? Database { get; set; }

    /// <summary>Gets when the run began, by the clock of <see cref="Stopwatch"/>, which all processes of a machine share.</summary>
    public long Began { get; } = Stopwatch.GetTimestamp();

    public IReadOnlyList<ChildProcess> Children => _children;

    public static async Task<ChaosRun> StartAsync(ChaosArguments arguments, string scenario, CancellationToken stopping) =>
        new(arguments, scenario, await KafkaCluster.StartAsync(Brokers, Zones, Settings), stopping);

    /// <summary>Adds a process, in one zone after the other; it is not started yet.</summary>
    public ChildProcess AddChild(string role, string name)
    {
        var zone = _children.Count % Zones;
        var child = new ChildProcess(new ChildSettings(
            _scenario, role, name, 0, unchecked((Seed * 31) + _children.Count), Cluster.BootstrapServersOf(zone), Folder, Topic, Database, Began, _arguments.Mutant));
        _children.Add(child);
        return child;
    }

    /// <summary>Returns the paths of all journals that children wrote up to now.</summary>
    public IEnumerable<string> Journals => Directory.EnumerateFiles(Folder, $"*{Journal.Extension}").Order(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (var child in _children)
        {
            await child.DisposeAsync();
        }

        await Cluster.DisposeAsync();
    }
}
