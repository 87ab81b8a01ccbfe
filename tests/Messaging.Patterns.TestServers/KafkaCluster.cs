namespace Messaging.Patterns.TestServers;

/// <summary>A real Kafka of one or three nodes on free ports of 127.0.0.1, in a temporary folder, gone when disposed of.</summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    private readonly string _folder;
    private readonly List<KafkaNode> _nodes;

    private KafkaCluster(string folder, List<KafkaNode> nodes) => (_folder, _nodes) = (folder, nodes);

    /// <summary>Gets the addresses of all brokers.</summary>
    public string BootstrapServers => string.Join(',', _nodes.Select(node => node.Address));

    /// <summary>Starts a cluster from the download that KAFKA_HOME names.</summary>
    /// <param name="nodes">1 or 3.</param>
    public static async Task<KafkaCluster> StartAsync(int nodes)
    {
        var folder = Directory.CreateTempSubdirectory("kafka-").FullName;
        var ports = FreePorts.Find(2 * nodes);
        var cluster = new KafkaCluster(folder, [.. Enumerable.Range(0, nodes).Select(index => new KafkaNode(folder, index + 1, ports[2 * index], ports[(2 * index) + 1]))]);

        try
        {
            var clusterId = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', 'A').Replace('/', 'B');
            await Task.WhenAll(cluster._nodes.Select(node => node.FormatAsync(clusterId, cluster._nodes)));
            cluster._nodes.ForEach(node => node.Start());
            await Task.WhenAll(cluster._nodes.Select(node => node.WaitUntilOpenAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a node with SIGKILL and waits until it is gone.</summary>
    /// <param name="id">1 to 3.</param>
    public Task KillNodeAsync(int id) => _nodes[id - 1].KillAsync();

    /// <summary>Starts a killed node again.</summary>
    /// <param name="id">1 to 3.</param>
    public async Task StartNodeAsync(int id)
    {
        _nodes[id - 1].Start();
        await _nodes[id - 1].WaitUntilOpenAsync();
    }

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
    public ValueTask DisposeAsync()
    {
        _nodes.ForEach(node => node.Dispose());
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
