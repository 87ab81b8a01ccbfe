using System.Diagnostics;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.TestServers;
using Npgsql;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>How fast a backlog goes from PostgreSQL to Kafka, and whether it stays as fast to the end, and while an old transaction keeps dead rows in the table.</summary>
internal sealed class OutboxDrainBenchmark : IBenchmark
{
    public string Name => "outbox-drain";

    public string Summary => "a million rows of 200 bytes from PostgreSQL to Kafka, all three on this machine; also while an old transaction is open; 20,000 rows of one key";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await DrainAsync(run, new("outbox-drain", 1_000_000, 100_000, IsOldTransactionOpen: false));
        await DrainAsync(run, new("outbox-drain-old-transaction", 1_000_000, 100_000, IsOldTransactionOpen: true));
        await DrainAsync(run, new("outbox-drain-one-key", 20_000, 1, IsOldTransactionOpen: false));
    }

    private static async Task DrainAsync(BenchmarkRun run, Backlog backlog)
    {
        var (name, rows, keys, isOldTransactionOpen) = backlog;
        var tenth = rows / 10;
        var topic = await KafkaTopics.CreateAsync(run.BootstrapServers, "drain", 12);
        var (count, times, done) = (0, new long[11], new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var outbox = await OutboxHost.CreateAsync(run, _ =>
        {
            var sent = Interlocked.Increment(ref count);

            if (sent == 1)
            {
                times[0] = Stopwatch.GetTimestamp();
            }
            else if (sent % tenth == 0)
            {
                times[sent / tenth] = Stopwatch.GetTimestamp();
            }

            if (sent == rows)
            {
                done.SetResult();
            }
        });
        await outbox.ExecuteAsync($"""
            INSERT INTO messaging_outbox (bucket, topic, key, value, created_at)
            SELECT number % {keys} % 1024, '{topic}', 'customer-' || number % {keys}, convert_to(rpad('{"{"}"n":' || number, 200, md5(number::text)), 'UTF8'), now() FROM generate_series(1, {rows}) number
            """);
        await outbox.ExecuteAsync("ANALYZE messaging_outbox");
        await outbox.ExecuteAsync("CHECKPOINT");
        await using var old = new NpgsqlConnection(outbox.ConnectionString);
        await old.OpenAsync();

        if (isOldTransactionOpen)
        {
            await using var command = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id()", old);
            await command.ExecuteNonQueryAsync();
        }

        var cpu = Environment.CpuUsage.TotalTime;
        await outbox.StartAsync();
        await done.Task;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        run.Figure($"{name}/rows-per-second", rows / Stopwatch.GetElapsedTime(times[0], times[10]).TotalSeconds, "rows/s");
        run.Figure($"{name}-first-tenths/rows-per-second", 2 * tenth / Stopwatch.GetElapsedTime(times[1], times[3]).TotalSeconds, "rows/s");
        run.Figure($"{name}-last-tenths/rows-per-second", 2 * tenth / Stopwatch.GetElapsedTime(times[8], times[10]).TotalSeconds, "rows/s");
        run.Figure($"{name}/cpu-us-per-event", cpu.TotalMicroseconds / rows, "us");
    }

    private sealed record Backlog(string Name, int Rows, int Keys, bool IsOldTransactionOpen);
}
