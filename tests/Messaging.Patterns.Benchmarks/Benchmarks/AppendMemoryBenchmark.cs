using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>What a process that only writes keeps in memory, after 500,000 and after 5 million events of the same 10,000 streams.</summary>
internal sealed class AppendMemoryBenchmark : IBenchmark
{
    public const string ChildName = "append-memory";

    private const int Streams = 10_000;
    private const int Few = 500_000;
    private const int Many = 5_000_000;

    public string Name => "append-memory";

    public string Summary => "resident memory of a process that only writes, after 5 million events against after 500,000 of the same streams";

    public async Task RunAsync(BenchmarkRun run)
    {
        if (await ChildProcess.StartAsync(ChildName, run.BootstrapServers) is not [var few, var many])
        {
            throw new InvalidOperationException("The child process told other numbers.");
        }

        run.Figure("append-memory/ratio", many / few, "x");
        run.Figure("append-memory-500k/rss-mb", few, "MiB");
        run.Figure("append-memory-5m/rss-mb", many, "MiB");
    }

    public static async Task RunChildAsync(BenchmarkRun run)
    {
        var topic = KafkaTopics.UniqueName("memory");
        using var host = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventWriter().AddStreams("order", topic));
        var writer = host.Services.GetRequiredService<IEventWriter>();
        await AppendAsync(writer, Few);
        ChildProcess.Tell(ChildProcess.ResidentMegabytes());
        await AppendAsync(writer, Many - Few);
        ChildProcess.Tell(ChildProcess.ResidentMegabytes());
        await host.StopAsync();
    }

    private static async Task AppendAsync(IEventWriter writer, int count)
    {
        var events = OrderPlaced.CreateMany(1_000);
        var pending = new Pending<AppendResult>(Streams);

        for (var number = 0; number < count; number++)
        {
            pending.Add(writer.AppendAsync(new StreamId("order", $"{number % Streams:D6}"), ExpectedVersion.Any, [new EventData(events[number % 1_000])]));

            if ((number + 1) % Streams == 0)
            {
                await pending.WaitAsync();
            }
        }

        await pending.WaitAsync();
    }
}
