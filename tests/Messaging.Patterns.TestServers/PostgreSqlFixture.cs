namespace Messaging.Patterns.TestServers;

/// <summary>A PostgreSQL for the tests of an assembly, started when the first one asks for it. See CONTRIBUTING.md for where it comes from.</summary>
public sealed class PostgreSqlFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private PostgreSqlServer? _server;

    private static bool IsRequired => Environment.GetEnvironmentVariable("MESSAGING_PATTERNS_REQUIRE_SERVERS") == "1";

    /// <summary>Returns a new database, or skips the test (fails it where servers are required).</summary>
    public async Task<PostgreSqlDatabase> CreateDatabaseAsync() => await PostgreSqlDatabase.CreateAsync(
        Environment.GetEnvironmentVariable("POSTGRES_CONNECTION") is { Length: > 0 } given ? given : (await GetServerAsync()).ConnectionString);

    /// <summary>Skips the test where there are no server programs to be started (fails it where servers are required).</summary>
    public static void RequirePrograms()
    {
        if (PostgreSqlInstallation.Programs is null)
        {
            const string Reason = "There is no PostgreSQL: install its server (on Debian the package postgresql), or set POSTGRES_CONNECTION to the connection string of a running one.";
            Assert.SkipUnless(IsRequired, Reason);
            Assert.Fail(Reason);
        }
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<PostgreSqlServer> GetServerAsync()
    {
        RequirePrograms();
        await _gate.WaitAsync();

        try
        {
            return _server ??= await PostgreSqlServer.StartAsync();
        }
        finally
        {
            _gate.Release();
        }
    }
}
