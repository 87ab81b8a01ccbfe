using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>From the begin of a commit to Kafka's acknowledgement, with the relay in the process that commits, and in another one that is told by a notification.</summary>
internal sealed class OutboxLatencyBenchmark : IBenchmark
{
    public const string ChildName = "outbox-relay";

    private const int WarmUpSeconds = 5;
    private const int Seconds = 20;

    public string Name => "outbox-latency";

    public string Summary => "from SaveChanges of one row to Kafka's acknowledgement, 200 and 1,000 transactions a second over 100 keys, relay in the same process and in another";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await WithinAsync(run, 200, $"{Name}-200");
        await WithinAsync(run, 1_000, $"{Name}-1000");
        await ApartAsync(run, 200, $"{Name}-200-other-process");
        await ApartAsync(run, 1_000, $"{Name}-1000-other-process");
    }

    public static async Task RunChildAsync(BenchmarkRun run, string connectionString, int perSecond)
    {
        var acknowledged = Expect(perSecond);
        using var relay = OutboxHost.BuildRelay(run, connectionString, acknowledged.Add);
        await relay.StartAsync();
        var latencies = await acknowledged.Done;
        ChildProcess.Tell(latencies.P50);
        ChildProcess.Tell(latencies.P99);
        await relay.StopAsync();
    }

    private static async Task WithinAsync(BenchmarkRun run, int perSecond, string name)
    {
        var acknowledged = Expect(perSecond);
        await using var outbox = await OutboxHost.CreateAsync(run, acknowledged.Add);
        await outbox.StartAsync();
        var commits = await CommitAsync(run, outbox, perSecond, acknowledged.Done);
        var latencies = await acknowledged.Done;
        Report(run, name, latencies.P50, latencies.P99, commits);
    }

    private static async Task ApartAsync(BenchmarkRun run, int perSecond, string name)
    {
        await using var outbox = await OutboxHost.CreateAsync(run, acknowledged: null);
        await outbox.StartAsync();
        var relay = ChildProcess.StartAsync(ChildName, run.BootstrapServers, outbox.ConnectionString, $"{perSecond}");
        var commits = await CommitAsync(run, outbox, perSecond, relay);

        if (await relay is not [var p50, var p99])
        {
            throw new InvalidOperationException("The child process told other numbers.");
        }

        Report(run, name, p50, p99, commits);
    }

    // Compiled code, connections and caches are there before the first that counts; and the first of all shows that the relay sends.
    private static Acknowledgements Expect(int perSecond) => new(1 + (WarmUpSeconds * perSecond), Seconds * perSecond);

    // Returns how long the commits alone took: what is left of a latency is the relay's and Kafka's.
    private static async Task<Latencies> CommitAsync(BenchmarkRun run, OutboxHost outbox, int perSecond, Task relay)
    {
        var topic = await KafkaTopics.CreateAsync(run.BootstrapServers, "latency", 12);
        await CommitAsync(outbox, topic, 0);

        while (await outbox.CountAsync() > 0)
        {
            // Of a relay that has failed the reason is told.
            await Task.WhenAny(relay, Task.Delay(50)).Unwrap();
        }

        var commits = new Latencies();
        await Pace.RunAsync(perSecond, WarmUpSeconds * perSecond, new Latencies(), number => CommitAsync(outbox, topic, number));
        await Pace.RunAsync(perSecond, Seconds * perSecond, commits, number => CommitAsync(outbox, topic, number));
        return commits;
    }

    private static async Task CommitAsync(OutboxHost outbox, string topic, int number)
    {
        var value = Acknowledgements.Value();
        await using var scope = outbox.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OutboxHost.OutboxContext>();
        context.Add(OutboxHost.Row(topic, $"customer-{number % 100}", value));
        await context.SaveChangesAsync();
    }

    private static void Report(BenchmarkRun run, string name, double p50, double p99, Latencies commits)
    {
        Console.WriteLine(FormattableString.Invariant($"  {name}: p50 {p50:N0} us  p99 {p99:N0} us; of that SaveChanges {commits}"));
        run.Figure($"{name}/p50-ms", p50 / 1_000, "ms");
        run.Figure($"{name}/p99-ms", p99 / 1_000, "ms");
    }
}
