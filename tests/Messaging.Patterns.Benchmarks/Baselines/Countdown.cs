using Confluent.Kafka;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>The delivery handler of a batch: counts its records down, and remembers what failed.</summary>
internal sealed class Countdown(int count)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = count;

    /// <summary>Gets the task that completes when all records are delivered.</summary>
    public Task Done => _done.Task;

    public void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _done.TrySetException(new KafkaException(report.Error));
        }
        else if (Interlocked.Decrement(ref _left) == 0)
        {
            _done.TrySetResult();
        }
    }
}
