using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Harness;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>A producer as the library configures its own, used without the library.</summary>
internal static class RawProducer
{
    public static IProducer<byte[], byte[]> Create(BenchmarkRun run) => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = run.BootstrapServers,
        EnableIdempotence = true,
        Acks = Acks.All,
        Partitioner = Partitioner.Murmur2Random,
        LingerMs = 0,
        BatchSize = 1_000_000,
        MessageMaxBytes = 64 << 20,
        DeliveryReportFields = "status",
    }).Build();
}
