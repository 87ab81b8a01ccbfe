using Messaging.Patterns.Benchmarks.Benchmarks;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Kafka.EventSourcing;

IBenchmark[] all =
[
    new PublishBenchmark(), new AppendBenchmark(LogLayout.CloudEvents), new AppendBenchmark(LogLayout.Binary), new AppendBenchmark(LogLayout.CloudEvents, isReader: true),
    new AppendLatencyBenchmark(), new TwoWritersBenchmark(), new HotStreamBenchmark(), new StreamReadBenchmark(LogLayout.CloudEvents),
    new StreamReadBenchmark(LogLayout.Binary), new RestoreBenchmark(),
    new AppendMemoryBenchmark(), new RestoreLargeBenchmark(),
    new ConsumeBenchmark(), new ConsumeTypedBenchmark(), new ConsumeKeyedBenchmark(), new RewindBenchmark(),
    new OutboxWriteBenchmark(), new OutboxDrainBenchmark(), new OutboxLatencyBenchmark(), new InboxBenchmark(), new EventStoreAppendBenchmark(), new EventStoreSubscriptionBenchmark(),
];

if (args is [ChildProcess.Argument, .. var child])
{
    await ChildProcess.RunAsync(child);
    return 0;
}

if (args is ["--list"])
{
    foreach (var benchmark in all)
    {
        Console.WriteLine($"{benchmark.Name,-28} {benchmark.Summary}{(benchmark.IsNamedOnly ? " (only when named)" : "")}");
    }

    return 0;
}

if (args.Except(all.Select(benchmark => benchmark.Name)).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"There is no benchmark {string.Join(", ", unknown)}; --list shows them.");
    return 2;
}

if (await BenchmarkKafka.StartAsync() is not { } started)
{
    Console.Error.WriteLine("There is no Kafka: set KAFKA_HOME to a Kafka 4.x download, or KAFKA_BOOTSTRAP_SERVERS to a running one.");
    return 2;
}

await using var kafka = started;
var run = new BenchmarkRun(kafka.BootstrapServers);
await WarmUp.RunAsync(run);

foreach (var benchmark in all.Where(benchmark => args is [] ? !benchmark.IsNamedOnly : args.Contains(benchmark.Name)))
{
    Console.WriteLine($"{benchmark.Name}: {benchmark.Summary}");
    await benchmark.RunAsync(run);
}

run.WriteFigures();
return 0;
