using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>20,000 events of 1,000 keys, a handler that waits 5 milliseconds, 100 workers; the order of every key is checked.</summary>
internal sealed class ConsumeKeyedBenchmark : IBenchmark
{
    private const int Records = 20_000;
    private const int Keys = 1_000;
    private const int Workers = 100;
    private const int Rounds = 5;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(5);

    public string Name => "consume-keyed";

    public string Summary => "a handler that waits 5 ms, 100 at once, in order per key, against 100 tasks that do the same waits without Kafka";

    public async Task RunAsync(BenchmarkRun run)
    {
        await RunAsync(run, "numeric", [.. Enumerable.Range(0, Keys).Select(number => (10_000 + number).ToString(CultureInfo.InvariantCulture))]);
        await RunAsync(run, "random", [.. Enumerable.Range(0, Keys).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)))]);
    }

    private static async Task RunAsync(BenchmarkRun run, string name, string[] keys)
    {
        var topic = await FilledTopic.CreateAsync(run, Enumerable.Range(0, Records).Select(number => new Message<byte[], byte[]>
        {
            Key = Encoding.ASCII.GetBytes(keys[number % Keys]),
            Value = BitConverter.GetBytes(number / Keys),
        }));

        var rounds = await Rounds<Sample>.RunAsync(Rounds, () => HandleAsync(run, topic), WaitAsync);
        run.Figure($"consume-keyed-{name}/of-ideal", rounds.Ratio(sample => sample.PerSecond), "x");
        run.Figure($"consume-keyed-{name}/events-per-second", rounds.Ours.Median(sample => sample.PerSecond), "events/s");
        run.Figure($"consume-keyed-{name}-ideal/events-per-second", rounds.Baseline.Median(sample => sample.PerSecond), "events/s");
    }

    private static async Task<Sample> HandleAsync(BenchmarkRun run, string topic)
    {
        var (counting, last) = (new Counting(Records), new ConcurrentDictionary<string, int>());
        return await GroupHost.RunAsync(run, topic, counting, group => group.Configure(options => options.MaxConcurrency = Workers).Handle<RawRecord>(async (record, context, token) =>
        {
            var (key, number) = (Encoding.ASCII.GetString(context.Key.Span), BitConverter.ToInt32(record.Value!.Value.Span));
            await Task.Delay(Wait, token);

            if (last.GetValueOrDefault(key, -1) != number - 1)
            {
                throw new InvalidOperationException($"Key {key} is out of order at {number}.");
            }

            last[key] = number;
            counting.Add();
        }));
    }

    private static async Task<Sample> WaitAsync()
    {
        var counting = new Counting(Records);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            for (var turn = 0; turn < Records / Workers; turn++)
            {
                await Task.Delay(Wait);
                counting.Add();
            }
        }));
        return await counting.Done;
    }
}
