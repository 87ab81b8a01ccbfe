using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>A topic like those that the library creates for streams.</summary>
internal static class RawTopic
{
    public const int Partitions = 12;

    public static Task<string> CreateAsync(BenchmarkRun run) =>
        KafkaTopics.CreateAsync(run.BootstrapServers, "baseline", Partitions, new() { ["message.timestamp.type"] = "LogAppendTime" });
}
