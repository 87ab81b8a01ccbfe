using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>A backlog of a million records, 100,000 keys, 200 bytes each, and a handler that does nothing.</summary>
internal sealed class ConsumeBenchmark : IBenchmark
{
    private const int Records = 1_000_000;
    private const int Keys = 100_000;
    private const int Rounds = 5;

    public string Name => "consume";

    public string Summary => "a consumer group with an empty handler of raw records against a Consume loop with the same settings and commits";

    public async Task RunAsync(BenchmarkRun run)
    {
        var value = RandomNumberGenerator.GetBytes(200);
        var topic = await FilledTopic.CreateAsync(run, Enumerable.Range(0, Records).Select(number => new Message<byte[], byte[]>
        {
            Key = Encoding.ASCII.GetBytes($"customer-number-{number % Keys:D8}"),
            Value = value,
        }));

        var rounds = await Rounds<Sample>.RunAsync(Rounds, () => HandleAsync(run, topic), () => RawConsumer.RunAsync(run, topic, new(Records), static _ => { }));
        run.Compare("consume", rounds);
        run.Figure("consume/bytes-per-event", rounds.Ours.Median(sample => sample.Bytes), "B");
        run.Figure("consume-baseline/bytes-per-event", rounds.Baseline.Median(sample => sample.Bytes), "B");
    }

    private static Task<Sample> HandleAsync(BenchmarkRun run, string topic)
    {
        var counting = new Counting(Records);
        return GroupHost.RunAsync(run, topic, counting, group => group.Handle<RawRecord>((_, _, _) =>
        {
            counting.Add();
            return ValueTask.CompletedTask;
        }));
    }
}
