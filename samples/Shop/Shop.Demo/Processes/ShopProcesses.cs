using System.Collections.Concurrent;

namespace Shop.Demo.Processes;

/// <summary>The processes of one shop on this machine, with their files in a temporary folder that is gone when they are.</summary>
internal sealed class ShopProcesses : IAsyncDisposable
{
    private readonly Servers _servers;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("shop-");
    private readonly ConcurrentDictionary<string, ShopProcess> _running = new(StringComparer.Ordinal);
    private int _started;

    public ShopProcesses(Servers servers, string prefix) => (_servers, Prefix) = (servers, prefix);

    /// <summary>Gets what the names of the shop's topics and consumer groups begin with.</summary>
    public string Prefix { get; }

    /// <summary>Gets the newest lines of every process, to explain what went wrong.</summary>
    public string Output => string.Join('\n', _running.Values.Select(process => $"--- {process.Name}\n{process.Output}"));

    /// <summary>Starts a process with one role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="settings">Further configuration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ShopProcess> StartAsync(ShopRoles role, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        var name = $"{role.ToString().ToLowerInvariant()}-{Interlocked.Increment(ref _started)}";
        string[] common =
        [
            $"--Shop:Roles={role}",
            $"--Shop:Instance={name}",
            $"--Shop:Prefix={Prefix}",
            $"--Shop:Data={_data.FullName}",
            $"--Messaging:Kafka:BootstrapServers={_servers.Broker.BootstrapServers}",
            $"--Messaging:Kafka:Profile={_servers.Broker.Profile}",
            // How long a killed listener's partitions wait for another one, and how soon listeners learn of a new one: to be watched, shorter than the
            // defaults of 45 and 3 seconds.
            "--Messaging:Kafka:Consumer:session.timeout.ms=6000",
            "--Messaging:Kafka:Consumer:heartbeat.interval.ms=500",
            "--urls=http://127.0.0.1:0",
            .. _servers.Tables.Settings,
        ];
        var process = await ShopProcess.StartAsync(name, [.. common, .. settings], cancellationToken);
        _running[name] = process;
        return process;
    }

    /// <summary>Starts several processes with one role.</summary>
    public async Task<IReadOnlyList<ShopProcess>> StartAsync(ShopRoles role, int count, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartAsync(role, [], cancellationToken)));

    /// <summary>Lets processes stop in order.</summary>
    public async Task StopAsync(IEnumerable<ShopProcess> processes)
    {
        await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
        Forget(processes);
    }

    /// <summary>Kills a process, as a crash would.</summary>
    public async Task KillAsync(ShopProcess process)
    {
        await process.KillAsync();
        await StopAsync([process]);
    }

    /// <summary>Deletes the read models. No process that uses them may run.</summary>
    public Task DeleteReadModelsAsync() => _servers.Tables.DeleteTablesAsync(_data);

    public async ValueTask DisposeAsync()
    {
        await StopAsync([.. _running.Values]);
        _data.Delete(recursive: true);
    }

    private void Forget(IEnumerable<ShopProcess> processes)
    {
        foreach (var process in processes)
        {
            _running.TryRemove(process.Name, out _);
        }
    }
}
