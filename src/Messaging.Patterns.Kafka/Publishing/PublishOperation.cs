using System.Threading.Tasks.Sources;
using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>One event on its way: hears the producer's report and is what the caller awaits.</summary>
internal sealed class PublishOperation(PublishTarget target, KafkaClients clients) : DeliverySink, IValueTaskSource<Position>
{
    private ManualResetValueTaskSourceCore<Position> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTask<Position> Task => new(this, _core.Version);

    public override void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (!report.Error.IsError)
        {
            // Stored, but a repeated request is acknowledged without its offset: then the place is not known.
            _core.SetResult(report.Offset.Value < 0 ? Position.Start : Position.At(target.PartOf(report.Partition.Value), report.Offset.Value + 1));
        }
        else
        {
            _core.SetException(Explain(report.Error, report.Status != PersistenceStatus.NotPersisted));
        }
    }

    Position IValueTaskSource<Position>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Position>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Position>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private MessagingException Explain(Error error, bool possiblyPersisted) =>
        !possiblyPersisted && error.Code is ErrorCode.Local_MsgTimedOut or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport
            ? clients.Unavailable($"publish to topic '{target.Topic}'; the event is not in the topic", new KafkaException(error))
            : new PublishException(
                target.Topic, DeliveryFailure.ReasonOf(error), possiblyPersisted, DeliveryFailure.IsTransient(error.Code), new KafkaException(error));
}
