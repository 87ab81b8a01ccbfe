using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Handles the records of one assignment of a partition, one after another: reads the events out of each and hands them to their handlers.</summary>
internal sealed partial class RecordHandler(ConsumerGroup group, GroupTopic topic, int partition, long? committed)
{
    private readonly RecordReader _reader = new(group, topic, partition, committed);

    /// <summary>Handles a record. It is done when this returns without an exception, after its last event.</summary>
    public async ValueTask HandleAsync(ConsumeResult<byte[], byte[]> record, CancellationToken cancellationToken)
    {
        foreach (var incoming in await _reader.ReadAsync(record, cancellationToken).ConfigureAwait(false))
        {
            if (group.Dispatcher.Handles(incoming.Payload))
            {
                await DispatchAsync(incoming, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                PassOver(incoming.Context);
            }
        }
    }

    private async ValueTask DispatchAsync(IncomingEvent incoming, CancellationToken cancellationToken)
    {
        var time = group.Context.Time;
        var started = time.GetTimestamp();
        using var activity = KafkaDiagnostics.StartProcess(topic.Name, incoming.Context.Trace, group.Name);

        try
        {
            await group.Dispatcher.DispatchAsync(incoming.Payload, incoming.Context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, exception.GetType().Name);
            group.Metrics.Took(time.GetElapsedTime(started), topic.Name, exception);
            throw;
        }

        group.Metrics.Took(time.GetElapsedTime(started), topic.Name, error: null);
        group.Metrics.Handled(topic.Name);
    }

    private void PassOver(EventContext context)
    {
        if (group.Options.OnUnhandled == UnhandledEventPolicy.Stop)
        {
            throw new RecordRefusedException(
                $"no handler takes events of type '{context.EventType}'. Add one, or let such events be passed over with OnUnhandled({nameof(UnhandledEventPolicy)}.{nameof(UnhandledEventPolicy.Skip)})");
        }

        group.Metrics.Unhandled(topic.Name);

        if (group.IsNewUnhandled(context.EventType))
        {
            Log.Unhandled(group.Context.Logger, group.Name, context.EventType, topic.Name, partition, context.Offset);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1420, LogLevel.Information, "Consumer group {Group} has no handler for events of type {Type}; they are passed over. The first was at topic {Topic}, partition {Partition}, offset {Offset}; further ones are only counted.")]
        public static partial void Unhandled(ILogger logger, string group, string type, string topic, int partition, long offset);
    }
}
