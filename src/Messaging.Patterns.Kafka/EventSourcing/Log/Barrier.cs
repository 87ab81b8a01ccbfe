using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Frames without events.</summary>
internal static class Barrier
{
    /// <summary>Gets the key of barriers: it has no <c>-</c>, so no stream has it.</summary>
    public static byte[] Key { get; } = "barrier"u8.ToArray();
}

/// <summary>Waits until a barrier is in the log.</summary>
internal sealed class BarrierReport : DeliverySink
{
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Written => _written.Task;

    public override void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _written.TrySetException(new KafkaException(report.Error));
        }
        else
        {
            _written.TrySetResult();
        }
    }
}
