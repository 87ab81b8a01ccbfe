using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>A backlog of a million records, 100,000 keys, 200 bytes each, and a handler that does nothing.</summary>
internal sealed class ConsumeBenchmark : IBenchmark
{
    private const int Records = 1_000_000;
    private const int Keys = 100_000;

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

        await Backlog.CompareAsync<RawRecord>(run, Name, topic, Records, static _ => { });
    }
}
