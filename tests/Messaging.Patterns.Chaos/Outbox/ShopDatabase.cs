using System.Diagnostics;
using Messaging.Patterns.Chaos.Outbox.History;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>The database of a run, seen from outside by plain SQL.</summary>
internal sealed class ShopDatabase(string server)
{
    private const string Waiting = "(SELECT count(*) FROM messaging_outbox) + (SELECT count(*) FROM messaging_outbox_delayed) + (SELECT count(*) FROM messaging_outbox_parked)";

    /// <summary>Gets the connection string for processes: none waits for a server that stands still for longer than a few seconds.</summary>
    public string ForProcesses { get; } = new NpgsqlConnectionStringBuilder(server) { Timeout = 5, CommandTimeout = 5 }.ConnectionString;

    public async Task CreateAsync()
    {
        var options = new DbContextOptionsBuilder<ShopContext>();
        options.UseNpgsql(server).UsePostgreSqlOutbox();
        await using var context = new ShopContext(options.Options);
        await context.Database.EnsureCreatedAsync();
    }

    /// <summary>Returns whether something that was written has been sent, and where there are handlers, handled.</summary>
    public async Task<bool> IsWorkingAsync(bool isHandled) =>
        await CountAsync("(SELECT count(*) FROM ledger)") > await CountAsync(Waiting) && (!isHandled || await CountAsync("(SELECT count(DISTINCT \"Group\") FROM effects)") == 2);

    /// <summary>Waits until nothing waits to be sent, and returns whether that is within the limit.</summary>
    public async Task<bool> UntilSentAsync(TimeSpan limit)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < limit; await Task.Delay(100))
        {
            if (await CountAsync(Waiting) == 0)
            {
                return true;
            }
        }

        return false;
    }

    public async Task<string> DescribeOutboxAsync() =>
        $"{await CountAsync("(SELECT count(*) FROM messaging_outbox)")} wait, {await CountAsync("(SELECT count(*) FROM messaging_outbox_parked)")} are parked";

    public Task<List<Entered>> ReadLedgerAsync() =>
        ReadAsync("""SELECT "Key", "Number", "EventId" FROM ledger ORDER BY 1, 2""", row => new Entered(row.GetString(0), row.GetInt64(1), row.GetString(2)));

    public Task<List<TookEffect>> ReadEffectsAsync() => ReadAsync(
        """SELECT "Group", "Key", "Sequence", "EventId", "Partition", "Offset", "Epoch", "By" FROM effects ORDER BY 1, 2, 3""",
        row => new TookEffect(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetInt32(4), row.GetInt64(5), row.GetInt64(6), row.GetString(7)));

    private async Task<long> CountAsync(string expression) => (await ReadAsync($"SELECT {expression}", row => row.GetInt64(0)))[0];

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection(server + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();

        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
