using System.Collections.Frozen;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Diagnostics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Publishes events as CloudEvents in structured mode.</summary>
internal sealed class KafkaEventPublisher(KafkaProducer producer, KafkaClients clients, PublishedEventWriter writer, IOptions<EventRouteOptions> options) : IEventPublisher
{
    private static readonly byte[] ContentType = Encoding.ASCII.GetBytes(CloudEventJson.ContentType);

    // Shared by all records: the producer only reads it.
    private static readonly Headers Headers = [new Header("content-type", ContentType)];

    private readonly FrozenDictionary<Type, PublishTarget> _targets =
        options.Value.Routes.ToFrozenDictionary(route => route.EventType, route => new PublishTarget(route));

    public ValueTask<Position> PublishAsync(EventData @event, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(@event, nameof(@event));
        cancellationToken.ThrowIfCancellationRequested();

        var target = EventRouteOptions.Find(_targets, @event.Payload);
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
