using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A backlog that a group with an empty handler reads to its end, against a loop with the same settings and commits.</summary>
internal static class Backlog
{
    private const int RoundCount = 5;

    /// <param name="run">The run.</param>
    /// <param name="name">What the figures are called.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="records">How many records it holds.</param>
    /// <param name="baseline">What the loop does with each.</param>
    /// <typeparam name="TEvent">What the handler takes.</typeparam>
    public static async Task CompareAsync<TEvent>(BenchmarkRun run, string name, string topic, int records, Action<ConsumeResult<byte[], byte[]>> baseline)
        where TEvent : class
    {
        var rounds = await Rounds<Sample>.RunAsync(RoundCount, () => HandleAsync<TEvent>(run, topic, records), () => RawConsumer.RunAsync(run, topic, new(records), baseline));
        run.Compare(name, rounds);
        run.Figure($"{name}/bytes-per-event", rounds.Ours.Median(sample => sample.Bytes), "B");
        run.Figure($"{name}-baseline/bytes-per-event", rounds.Baseline.Median(sample => sample.Bytes), "B");
    }

    private static Task<Sample> HandleAsync<TEvent>(BenchmarkRun run, string topic, int records)
        where TEvent : class
    {
        var counting = new Counting(records);
        return GroupHost.RunAsync(run, topic, counting, group => group.Handle<TEvent>((_, _, _) =>
        {
            counting.Add();
            return ValueTask.CompletedTask;
        }));
    }
}
