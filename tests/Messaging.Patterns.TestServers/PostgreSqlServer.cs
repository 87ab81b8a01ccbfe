using System.Diagnostics;
using Npgsql;

namespace Messaging.Patterns.TestServers;

/// <summary>A PostgreSQL on a free port of 127.0.0.1, in a temporary folder, gone when disposed of.</summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("postgresql-").FullName;
    private readonly int _port = FreePorts.Find(1)[0];
    private Process? _process;

    private readonly string[] _settings;

    private PostgreSqlServer(string[] settings) => _settings = settings;

    /// <summary>Gets the connection string of the server's own database.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = "postgres",
        Database = "postgres",
        IncludeErrorDetail = true,
        Timeout = 60,
    }.ConnectionString;

    private string Data => Path.Combine(_folder, "data");

    private string Saved => Path.Combine(_folder, "saved");

    private string Output => Path.Combine(_folder, "server.log");

    /// <summary>Starts a server from the programs installed on this machine.</summary>
    /// <param name="settings">Lines of its configuration, besides those that tests need.</param>
    public static async Task<PostgreSqlServer> StartAsync(params string[] settings)
    {
        var server = new PostgreSqlServer(settings);

        try
        {
            await server.InitializeAsync();
            await server.RestartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the server with all of its backends, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await ForgetAsync();
    }

    /// <summary>Stops the server in peace, without waiting for clients.</summary>
    public async Task StopAsync()
    {
        await ProcessRunner.RunAsync("/bin/kill", ["-INT", $"{_process!.Id}"]);
        await ForgetAsync();
    }

    /// <summary>Copies what a server that is stopped has on its disk.</summary>
    public Task SaveAsync() => RunAsync("/bin/cp", ["-a", Data, Saved], user: null);

    /// <summary>Puts that copy in the place of what a server that is stopped has on its disk: as after a restore, or a failover to another server that was behind.</summary>
    public Task GoBackAsync()
    {
        Directory.Delete(Data, recursive: true);
        return RunAsync("/bin/cp", ["-a", Saved, Data], user: null);
    }

    /// <summary>Starts the server after it was killed or stopped, and waits until it has recovered.</summary>
    public async Task RestartAsync()
    {
        var started = Stopwatch.StartNew();

        while (true)
        {
            // Backends of a killed server may live on for a moment, and one beside them refuses to start.
            if (_process is null or { HasExited: true })
            {
                _process?.Dispose();
                Start();
            }

            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (started.Elapsed < StartLimit)
            {
                await Task.Delay(50);
            }
            catch (NpgsqlException exception)
            {
                throw new InvalidOperationException($"PostgreSQL did not open port {_port}. The end of its log:\n{string.Join('\n', File.ReadLines(Output).TakeLast(20))}", exception);
            }
        }
    }

    /// <summary>Lets go of the connections that the pools of this process have to the server, which a restart ended.</summary>
    public void ForgetConnections()
    {
        using var connection = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    /// <summary>Stops the server and its backends (SIGSTOP).</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets a paused server go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // At once, without waiting for clients; its backends end before it does. One that a test left paused would never hear of it.
            await ResumeAsync();
            await ProcessRunner.RunAsync("/bin/kill", ["-QUIT", $"{_process.Id}"]);
            await ForgetAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // The server first: then it makes no backends meanwhile.
    private Task<ProcessResult> SignalAsync(string signal) =>
        ProcessRunner.RunAsync("/bin/sh", ["-c", $"kill -{signal} {_process!.Id}; for child in $(cat /proc/{_process.Id}/task/*/children); do kill -{signal} $child; done"]);

    private async Task ForgetAsync()
    {
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    private async Task InitializeAsync()
    {
        if (PostgreSqlInstallation.User is { } user)
        {
            await RunAsync("/bin/chown", [user, _folder], user: null);
        }

        await RunAsync(PostgreSqlInstallation.Program("initdb"), ["-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], PostgreSqlInstallation.User);
        await RunAsync("/bin/sh", ["-c", $"cat >> '{Data}/postgresql.conf'"], PostgreSqlInstallation.User, string.Join('\n', Settings()));
    }

    private void Start() => _process = ProcessRunner.Start(
        "/bin/sh", ["-c", $"exec '{PostgreSqlInstallation.Program("postgres")}' -D '{Data}' >>'{Output}' 2>&1 </dev/null"], user: PostgreSqlInstallation.User);

    private IEnumerable<string> Settings() =>
    [
        "listen_addresses = '127.0.0.1'",
        $"port = {_port}",
        "unix_socket_directories = ''",
        "max_connections = 300",
        // In its folder, not in /dev/shm, where it would stay behind after a kill.
        "dynamic_shared_memory_type = mmap",
        // Processes are killed here, machines are not: what was handed to the kernel is safe.
        "fsync = off",
        "full_page_writes = off",
        "wal_level = logical",
        "autovacuum_naptime = 5s",
        "max_wal_size = 1GB",
        .. _settings,
    ];

    private static async Task RunAsync(string file, string[] arguments, string? user, string? input = null)
    {
        if (await ProcessRunner.RunAsync(file, arguments, input, user: user) is { ExitCode: not 0 } failed)
        {
            throw new InvalidOperationException($"{file} failed: {failed.Output} {failed.Errors}");
        }
    }
}
