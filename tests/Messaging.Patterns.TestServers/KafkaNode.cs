using System.Diagnostics;
using System.Net.Sockets;

namespace Messaging.Patterns.TestServers;

/// <summary>One node of a cluster: broker and controller in one process, and the proxies that clients may go through.</summary>
/// <param name="folder">Where it keeps its files.</param>
/// <param name="id">1 to 3.</param>
/// <param name="port">Where it listens to other nodes and to clients that come directly.</param>
/// <param name="controllerPort">Where its controller listens.</param>
/// <param name="zonePorts">Where it listens to the proxy of each zone.</param>
internal sealed class KafkaNode(string folder, int id, int port, int controllerPort, IReadOnlyList<int> zonePorts) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private Process? _process;

    public int Id { get; } = id;

    public string Address { get; } = $"127.0.0.1:{port}";

    /// <summary>Gets the proxy of each zone; its port is what the broker advertises to clients of the zone.</summary>
    public IReadOnlyList<TcpProxy> Proxies { get; } = [.. zonePorts.Select(TcpProxy.Start)];

    public string Voter { get; } = $"{id}@127.0.0.1:{controllerPort}";

    /// <summary>Gets further lines of its settings.</summary>
    public IReadOnlyList<string> MoreSettings { get; init; } = [];

    /// <summary>Gets the folder of its records.</summary>
    public string Data => Path.Combine(folder, $"node{Id}");

    private string Properties => Path.Combine(folder, $"node{Id}.properties");

    private string Output => Path.Combine(folder, $"node{Id}.log");

    public async Task FormatAsync(string clusterId, IReadOnlyList<KafkaNode> all, IReadOnlyDictionary<string, string> environment)
    {
        await File.WriteAllLinesAsync(Properties, Settings(all));
        var result = await ProcessRunner.RunAsync(KafkaInstallation.Script("kafka-storage.sh"), ["format", "-t", clusterId, "-c", Properties, "--ignore-formatted"], environment: Environment(environment));

        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"kafka-storage.sh failed: {result.Output} {result.Errors}");
        }
    }

    public void Start(IReadOnlyDictionary<string, string> environment)
    {
        // The scripts end in 'exec java', so the process is the node itself.
        _process = ProcessRunner.Start("/bin/sh", ["-c", $"exec '{KafkaInstallation.Script("kafka-server-start.sh")}' '{Properties}' >>'{Output}' 2>&1 </dev/null"], Environment(environment));
    }

    public async Task WaitUntilOpenAsync()
    {
        var started = Stopwatch.StartNew();

        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (_process is { HasExited: false } && started.Elapsed < StartLimit)
            {
                await Task.Delay(50);
            }
            catch (SocketException)
            {
                throw new InvalidOperationException($"Kafka node {Id} did not open port {port}. The end of its log:\n{string.Join('\n', File.ReadLines(Output).TakeLast(20))}");
            }
        }
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Lets the node end in order (SIGTERM).</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process!.WaitForExitAsync();
    }

    public Task SignalAsync(string signal) => ProcessRunner.RunAsync("/bin/kill", [$"-{signal}", $"{_process!.Id}"]);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();

        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private Dictionary<string, string> Environment(IReadOnlyDictionary<string, string> more) => new(more)
    {
        ["LOG_DIR"] = folder,
        ["KAFKA_LOG_LEVEL"] = "WARN",
        // Starts in half the time; a test broker does not live long enough to profit from the second compiler. With the heap, since not all start scripts heed
        // KAFKA_JVM_PERFORMANCE_OPTS. Benchmarks set their own.
        ["KAFKA_HEAP_OPTS"] = System.Environment.GetEnvironmentVariable("KAFKA_HEAP_OPTS") is { Length: > 0 } given ? given : "-Xms256m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        ["KAFKA_JVM_PERFORMANCE_OPTS"] = "-server -Djava.awt.headless=true",
    };

    private string Zones(Func<int, string> describe) => string.Concat(Enumerable.Range(0, zonePorts.Count).Select(describe));

    private IEnumerable<string> Settings(IReadOnlyList<KafkaNode> all)
    {
        var (copies, inSync) = all.Count >= 3 ? (3, 2) : (1, 1);
        return
        [
            "process.roles=broker,controller",
            $"node.id={Id}",
            $"controller.quorum.voters={string.Join(',', all.Select(node => node.Voter))}",
            $"listeners=PLAINTEXT://{Address},CONTROLLER://127.0.0.1:{controllerPort}{Zones(zone => $",ZONE{zone}://127.0.0.1:{zonePorts[zone]}")}",
            $"advertised.listeners=PLAINTEXT://{Address}{Zones(zone => $",ZONE{zone}://127.0.0.1:{Proxies[zone].Port}")}",
            $"listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT{Zones(zone => $",ZONE{zone}:PLAINTEXT")}",
            "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=PLAINTEXT",
            $"log.dirs={Data}",
            "auto.create.topics.enable=false",
            $"default.replication.factor={copies}",
            $"min.insync.replicas={inSync}",
            "offsets.topic.num.partitions=4",
            $"offsets.topic.replication.factor={copies}",
            "transaction.state.log.num.partitions=4",
            $"transaction.state.log.replication.factor={copies}",
            $"transaction.state.log.min.isr={inSync}",
            $"share.coordinator.state.topic.replication.factor={copies}",
            $"share.coordinator.state.topic.min.isr={inSync}",
            "broker.heartbeat.interval.ms=500",
            "broker.session.timeout.ms=4000",
            "group.initial.rebalance.delay.ms=0",
            "group.min.session.timeout.ms=1000",
            "num.network.threads=2",
            "num.io.threads=4",
            "background.threads=2",
            "log.cleaner.backoff.ms=200",
            .. MoreSettings,
        ];
    }
}
