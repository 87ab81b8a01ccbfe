using Messaging.Patterns.Benchmarks.Harness;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>A backlog whose events are written down as handled in PostgreSQL, by a handler that writes nothing else: what remains is the price of the inbox.</summary>
internal sealed class InboxBenchmark : IBenchmark
{
    private const int RoundCount = 3;
    private const int Records = 100_000;
    private const int Singles = 20_000;
    private const int BatchSize = 500;

    public string Name => "inbox";

    public string Summary => "a consumer group with an inbox and an empty handler of batches against a Consume loop that inserts the same rows; transactions of single events too";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var inbox = await InboxHost.CreateAsync(run);
        var topic = await FilledTopic.CreateOfEventsAsync(run, Records);
        run.Compare(Name, await Rounds<Sample>.RunAsync(
            RoundCount,
            () => inbox.HandleAsync(topic, Records, group => group.HandleBatch<OrderPlaced, EmptyHandler>().Configure(options => options.BatchSize = BatchSize)),
            () => inbox.InsertAsync(topic, Records, BatchSize)));
        await HandleSinglesAsync(run, inbox);
    }

    private async Task HandleSinglesAsync(BenchmarkRun run, InboxHost inbox)
    {
        var topic = await FilledTopic.CreateOfEventsAsync(run, Singles);
        var samples = new List<Sample>();

        // The first does not count.
        for (var round = 0; round <= RoundCount; round++)
        {
            samples.Add(await inbox.HandleAsync(topic, Singles, group => group.Handle<OrderPlaced, EmptyHandler>()));
            Console.WriteLine($"  single events  {samples[^1]}");
        }

        run.Figure($"{Name}-single/events-per-second", samples.Skip(1).Median(sample => sample.PerSecond), "events/s");
        run.Figure($"{Name}-single/cpu-us-per-event", samples.Skip(1).Median(sample => sample.CpuMicroseconds), "us");
    }
}
