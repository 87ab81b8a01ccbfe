using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Frames without events.</summary>
internal static class Barrier
{
    /// <summary>Gets the key of barriers: it has no <c>-</c>, so no stream has it.</summary>
    public static byte[] Key { get; } = "barrier"u8.ToArray();
}

/// <summary>Waits until it is known what became of a barrier.</summary>
internal sealed class BarrierReport : DeliverySink
{
    private readonly TaskCompletionSource<DeliveryReport<byte[], byte[]>> _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DeliveryReport<byte[], byte[]>> Reported => _reported.Task;

    public override void Delivered(DeliveryReport<byte[], byte[]> report) => _reported.TrySetResult(report);
}
