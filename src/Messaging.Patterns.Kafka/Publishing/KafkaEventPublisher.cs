using System.Collections.Frozen;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Diagnostics;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Publishes events as CloudEvents in structured mode.</summary>
internal sealed class KafkaEventPublisher(
    KafkaProducer producer, KafkaClients clients, PublishedEventWriter writer, IOptions<KafkaPublisherOptions> options) : IEventPublisher
{
    private static readonly byte[] ContentType = Encoding.ASCII.GetBytes(CloudEventJson.ContentType);

    // Shared by all records: the producer only reads it.
    private static readonly Headers Headers = [new Header("content-type", ContentType)];

    private readonly FrozenDictionary<Type, PublishTarget> _targets =
        options.Value.GetRoutes().ToFrozenDictionary(route => route.EventType, route => new PublishTarget(route));

    public ValueTask<Position> PublishAsync(EventData @event, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(@event, nameof(@event));
        cancellationToken.ThrowIfCancellationRequested();

        if (!_targets.TryGetValue(@event.Payload.GetType(), out var target))
        {
            throw new UnknownEventTypeException(
                @event.Payload.GetType().FullName!,
                $"Events of type '{@event.Payload.GetType()}' have no route. Register one: AddRoute<{@event.Payload.GetType().Name}>(\"topic\", e => e.Key).");
        }

        using var activity = KafkaDiagnostics.StartSend(target.Topic);
        var message = new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(target.KeyOf(@event.Payload)),
            Value = writer.Write(@event),
            Headers = Headers,
        };
        var operation = new PublishOperation(target, clients);
        producer.Send(target.Place, message, operation);
        return cancellationToken.CanBeCanceled ? WaitAsync(operation.Task, cancellationToken) : operation.Task;
    }

    private static async ValueTask<Position> WaitAsync(ValueTask<Position> task, CancellationToken cancellationToken) =>
        task.IsCompletedSuccessfully ? task.Result : await task.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
}
