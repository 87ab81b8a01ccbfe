namespace Shop.Demo.Processes;

/// <summary>The processes of one shop by their roles, and clients that talk to them in turn.</summary>
internal sealed class ShopFleet(ShopProcesses processes) : IDisposable
{
    private readonly HttpClient _http = new();

    public string Prefix => processes.Prefix;

    public List<ShopProcess> Writers { get; } = [];

    public List<ShopProcess> Listeners { get; } = [];

    public List<ShopProcess> Readers { get; } = [];

    /// <summary>Starts processes of all roles.</summary>
    public async Task StartAsync(int writers, int listeners, int readers, CancellationToken cancellationToken)
    {
        var starting = (
            processes.StartAsync(ShopRoles.Write, writers, cancellationToken),
            processes.StartAsync(ShopRoles.Listen, listeners, cancellationToken),
            processes.StartAsync(ShopRoles.Read, readers, cancellationToken));
        Writers.AddRange(await starting.Item1);
        Listeners.AddRange(await starting.Item2);
        Readers.AddRange(await starting.Item3);
    }

    /// <summary>Kills the newest listener.</summary>
    public async Task<string> KillListenerAsync()
    {
        var victim = Listeners[^1];
        Listeners.Remove(victim);
        await processes.KillAsync(victim);
        return victim.Name;
    }

    /// <summary>Stops all that keep read models or read them, deletes the read models, and starts as many again.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var (listeners, readers) = (Listeners.Count, Readers.Count);
        await processes.StopAsync([.. Listeners, .. Readers]);
        Listeners.Clear();
        Readers.Clear();
        await processes.DeleteReadModelsAsync();
        await StartAsync(0, listeners, readers, cancellationToken);
    }

    public ShopClient Writer(int turn) => new(_http, Writers[turn % Writers.Count].Address);

    public ShopClient Reader(int turn) => new(_http, Readers[turn % Readers.Count].Address);

    public void Dispose() => _http.Dispose();
}
