using Messaging.Patterns.TestServers;
using Npgsql;

namespace Messaging.Patterns.Chaos.Faults;

/// <summary>A PostgreSQL that crashes, stands still, or ends connections.</summary>
internal static class PostgreSqlFaults
{
    public static IReadOnlyList<Fault> Of(PostgreSqlServer server) =>
    [
        new("kill PostgreSQL", 2, site => KillAsync(site, server)),
        new("pause PostgreSQL", 2, site => PauseAsync(site, server)),
        new("end backends", 4, site => EndAsync(site, server)),
    ];

    private static async Task KillAsync(FaultSite site, PostgreSqlServer server)
    {
        site.Say("PostgreSQL killed");
        await server.KillAsync();
        await site.HoldAsync(0.1, 5);
        await server.RestartAsync();
    }

    private static async Task PauseAsync(FaultSite site, PostgreSqlServer server)
    {
        site.Say("PostgreSQL paused");
        await server.PauseAsync();
        await site.HoldAsync(0.1, 8);
        await server.ResumeAsync();
    }

    // All, or about a third.
    private static async Task EndAsync(FaultSite site, PostgreSqlServer server)
    {
        var share = site.Random.Next(3) == 0 ? 1.0 : 0.3;
        site.Say(share < 1 ? "some backends ended" : "all backends ended");
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = share });
        await command.ExecuteNonQueryAsync();
    }
}
