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

/// <summary>Publishes events as CloudEvents, in the mode of their route.</summary>
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
        var message = target.Mode == CloudEventMode.Binary ? BinaryOf(@event) : new Message<byte[], byte[]> { Value = writer.Write(@event), Headers = Headers };
        message.Key = Encoding.UTF8.GetBytes(target.KeyOf(@event.Payload));
        return SendAsync(target, message, cancellationToken);
    }

    public ValueTask<Position> PublishTombstoneAsync<TEvent>(string key, CancellationToken cancellationToken = default)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();

        var target = EventRouteOptions.Find(_targets, typeof(TEvent));
        using var activity = KafkaDiagnostics.StartSend(target.Topic);
        return SendAsync(target, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key) }, cancellationToken);
    }

    private ValueTask<Position> SendAsync(PublishTarget target, Message<byte[], byte[]> message, CancellationToken cancellationToken)
    {
        var operation = new PublishOperation(target, clients);
        producer.Send(target.Place, message, operation);
        return cancellationToken.CanBeCanceled ? WaitAsync(operation.Task, cancellationToken) : operation.Task;
    }

    private Message<byte[], byte[]> BinaryOf(EventData data)
    {
        var written = writer.WriteBinary(data);
        var headers = new Headers();

        foreach (var (name, value) in written.Headers)
        {
            headers.Add(name, value.ToArray());
        }

        return new() { Value = written.Value, Headers = headers };
    }

    private static async ValueTask<Position> WaitAsync(ValueTask<Position> task, CancellationToken cancellationToken) =>
        task.IsCompletedSuccessfully ? task.Result : await task.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
}
