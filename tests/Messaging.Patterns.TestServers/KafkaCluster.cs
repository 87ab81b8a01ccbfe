namespace Messaging.Patterns.TestServers;

/// <summary>A real Kafka of one or three nodes on free ports of 127.0.0.1, in a temporary folder, gone when disposed of.</summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    private readonly string _folder;
    private readonly List<KafkaNode> _nodes;
    private readonly IReadOnlyDictionary<string, string> _environment;

    private KafkaCluster(string folder, List<KafkaNode> nodes, IReadOnlyDictionary<string, string> environment) => (_folder, _nodes, _environment) = (folder, nodes, environment);

    /// <summary>Gets the addresses of all brokers.</summary>
    public string BootstrapServers => string.Join(',', _nodes.Select(node => node.Address));

    /// <summary>Starts a cluster from the download that KAFKA_HOME names.</summary>
    /// <param name="nodes">1 or 3.</param>
    /// <param name="zones">From how many zones clients come: each has a network of its own, a proxy in front of every broker.</param>
    /// <param name="settings">Further lines of the brokers' settings.</param>
    public static async Task<KafkaCluster> StartAsync(int nodes, int zones = 0, IReadOnlyList<string>? settings = null)
    {
        var environment = await KafkaClasses.EnvironmentAsync();
        var folder = Directory.CreateTempSubdirectory("kafka-").FullName;
        var ports = FreePorts.Find((2 + zones) * nodes).Chunk(2 + zones).ToList();
        var cluster = new KafkaCluster(folder, [.. ports.Select((own, index) => new KafkaNode(folder, index + 1, own[0], own[1], own[2..]) { MoreSettings = settings ?? [] })], environment);

        try
        {
            var clusterId = NewClusterId();
            await Task.WhenAll(cluster._nodes.Select(node => node.FormatAsync(clusterId, cluster._nodes, environment)));
            cluster._nodes.ForEach(node => node.Start(environment));
            await Task.WhenAll(cluster._nodes.Select(node => node.WaitUntilOpenAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the addresses of all brokers for the clients of a zone, which reach them through its proxies only.</summary>
    /// <param name="zone">The zone, from 0.</param>
    public string BootstrapServersOf(int zone) => string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Proxies[zone].Port}"));

    /// <summary>Returns the proxy between the clients of a zone and a broker.</summary>
    /// <param name="zone">The zone, from 0.</param>
    /// <param name="id">The broker, 1 to 3.</param>
    public TcpProxy ProxyOf(int zone, int id) => _nodes[id - 1].Proxies[zone];

    /// <summary>Kills a node with SIGKILL and waits until it is gone.</summary>
    /// <param name="id">1 to 3.</param>
    public Task KillNodeAsync(int id) => _nodes[id - 1].KillAsync();

    /// <summary>Starts a killed node again.</summary>
    /// <param name="id">1 to 3.</param>
    public async Task StartNodeAsync(int id)
    {
        _nodes[id - 1].Start(_environment);
        await _nodes[id - 1].WaitUntilOpenAsync();
    }

    /// <summary>Kills the only node and puts another cluster in its place: the same address, an id of its own, nothing in it.</summary>
    /// <param name="id">1.</param>
    public async Task ReplaceNodeAsync(int id)
    {
        await KillNodeAsync(id);
        Directory.Delete(_nodes[id - 1].Data, recursive: true);
        await _nodes[id - 1].FormatAsync(NewClusterId(), _nodes, _environment);
        await StartNodeAsync(id);
    }

    /// <summary>Returns the file in which a node keeps the first records of a partition.</summary>
    /// <param name="id">1 to 3.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    public string LogFileOf(int id, string topic, int partition) => Path.Combine(_nodes[id - 1].Data, $"{topic}-{partition}", "00000000000000000000.log");

    /// <summary>Stops a node as a long garbage collection would (SIGSTOP).</summary>
    /// <param name="id">1 to 3.</param>
    public Task PauseNodeAsync(int id) => _nodes[id - 1].SignalAsync("STOP");

    /// <summary>Lets a paused node go on (SIGCONT).</summary>
    /// <param name="id">1 to 3.</param>
    public Task ResumeNodeAsync(int id) => _nodes[id - 1].SignalAsync("CONT");

    /// <summary>Runs one of Kafka's own tools, such as <c>kafka-topics.sh</c>.</summary>
    /// <param name="script">The script's name.</param>
    /// <param name="arguments">Its arguments, without the address of the cluster.</param>
    /// <param name="input">Its standard input.</param>
    public Task<ProcessResult> RunToolAsync(string script, IEnumerable<string> arguments, string? input = null) =>
        KafkaTools.RunAsync(BootstrapServers, script, arguments, input);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    internal static string NewClusterId() => Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', 'A').Replace('/', 'B');
}
