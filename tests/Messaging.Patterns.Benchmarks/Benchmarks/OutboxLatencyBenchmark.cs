using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>From the begin of a commit to Kafka's acknowledgement, with the relay in the process that commits.</summary>
internal sealed class OutboxLatencyBenchmark(int perSecond) : IBenchmark
{
    private const int Seconds = 20;

    public string Name => $"outbox-latency-{perSecond}";

    public string Summary => $"from SaveChanges of one row to Kafka's acknowledgement, {perSecond} transactions a second over 100 keys, relay in the same process";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var topic = await KafkaTopics.CreateAsync(run.BootstrapServers, "latency", 12);
        var waiting = new ConcurrentDictionary<string, TaskCompletionSource>();
        await using var outbox = await OutboxHost.CreateAsync(run, record => waiting[Encoding.ASCII.GetString(record.Value!.Value.Span).TrimEnd()].SetResult());
        await outbox.StartAsync();
        var number = 0;

        async Task CommitAsync()
        {
            var text = $"{Interlocked.Increment(ref number)}";
            var acknowledged = waiting[text] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var scope = outbox.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<OutboxHost.OutboxContext>();
            context.Add(OutboxHost.Row(topic, $"customer-{number % 100}", Encoding.ASCII.GetBytes(text.PadRight(200))));
            await context.SaveChangesAsync();
            await acknowledged.Task;
        }

        // Compiled code, connections and caches are there before the first that counts.
        await Pace.RunAsync(perSecond, 5 * perSecond, new Latencies(), _ => CommitAsync());
        var latencies = new Latencies();
        await Pace.RunAsync(perSecond, Seconds * perSecond, latencies, _ => CommitAsync());
        Console.WriteLine($"  {latencies}");
        run.Figure($"{Name}/p50-ms", latencies.P50 / 1_000, "ms");
        run.Figure($"{Name}/p99-ms", latencies.P99 / 1_000, "ms");
    }
}
