using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A consumer group of its own for every round, from the beginning of a topic.</summary>
internal static class GroupHost
{
    /// <summary>Handles a topic until everything is counted.</summary>
    public static async Task<Sample> RunAsync(BenchmarkRun run, string topic, Counting counting, Action<KafkaConsumerGroupBuilder> configure)
    {
        // What the side before left behind is not to be paid by this one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var host = await StoreHost.StartAsync(run, kafka => kafka.AddConsumerGroup(KafkaTopics.UniqueName("bench"), group => configure(group.From(topic))));
        var sample = await counting.Done;
        await host.StopAsync();
        return sample;
    }
}
