using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Harness;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>A consumer that follows a topic from its end and does nothing with what it gets.</summary>
internal sealed class RawTail : IDisposable
{
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;

    public RawTail(BenchmarkRun run, string topic)
    {
        _consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = run.BootstrapServers,
            GroupId = "baseline-tail",
            EnableAutoCommit = false,
            FetchQueueBackoffMs = 5,
            ConsumeResultFields = "none",
        }).Build();
        _consumer.Assign(Enumerable.Range(0, RawTopic.Partitions).Select(number => new TopicPartitionOffset(topic, number, Offset.End)));
        _thread = new Thread(Follow) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _thread.Join();
        _consumer.Close();
        _consumer.Dispose();
        _stopping.Dispose();
    }

    private void Follow()
    {
        while (!_stopping.IsCancellationRequested)
        {
            _consumer.Consume(TimeSpan.FromMilliseconds(100));
        }
    }
}
