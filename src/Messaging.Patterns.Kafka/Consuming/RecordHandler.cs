using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Handles the records of one assignment of a partition: reads the events out of them and hands them to their handlers. Several workers may call it at once.</summary>
internal sealed partial class RecordHandler(ConsumerGroup group, GroupTopic topic, int partition)
{
    private readonly RecordReader _reader = new(group, topic, partition);

    /// <summary>Handles records. They are done when this returns without an exception, after the last event.</summary>
    public ValueTask HandleAsync(WorkBatch<GroupRecord> batch, CancellationToken cancellationToken)
    {
        if (group.Dispatcher is { TakesRecords: true, TakesBatches: false })
        {
            var incoming = _reader.ReadAsIs(batch[0].Record.Result);
            return DispatchAsync(incoming, cancellationToken);
        }

        return HandleEventsAsync(batch, cancellationToken);
    }

    private async ValueTask HandleEventsAsync(WorkBatch<GroupRecord> batch, CancellationToken cancellationToken)
    {
        var events = new List<IncomingEvent>(batch.Count);

        for (var index = 0; index < batch.Count; index++)
        {
            _reader.Read(batch[index].Record, events);
        }

        for (var index = 0; index < events.Count; index++)
        {
            var run = RunAt(events, index);

            if (run > 0)
            {
                await DispatchBatchAsync(events.GetRange(index, run), cancellationToken).ConfigureAwait(false);
                index += run - 1;
            }
            else if (group.Dispatcher.Handles(events[index].Payload))
            {
                await DispatchAsync(events[index], cancellationToken).ConfigureAwait(false);
            }
            else
            {
                PassOver(events[index].Context);
            }
        }
    }

    /// <summary>Returns how many events from a place on are handled together; 0 if the first is handled alone.</summary>
    private int RunAt(List<IncomingEvent> events, int start)
    {
        var run = 0;

        while (group.Dispatcher.TakesBatches && start + run < events.Count && group.Dispatcher.AreBatched(events[start].Payload, events[start + run].Payload))
        {
            run++;
        }

        return run;
    }

    private async ValueTask DispatchAsync(IncomingEvent incoming, CancellationToken cancellationToken)
    {
        var started = group.Metrics.Start();
        using var activity = KafkaDiagnostics.StartProcess(topic.Name, incoming.Context.Trace, group.Name);

        try
        {
            await group.Dispatcher.DispatchAsync(incoming.Payload, incoming.Context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, exception.GetType().Name);
            group.Metrics.Took(started, topic.Name, exception);
            throw;
        }

        group.Metrics.Took(started, topic.Name, error: null);
        group.Metrics.Handled(topic.Name, 1);
    }

    private async ValueTask DispatchBatchAsync(List<IncomingEvent> events, CancellationToken cancellationToken)
    {
        var started = group.Metrics.Start();
        using var activity = KafkaDiagnostics.StartProcess(topic.Name, events.Select(incoming => incoming.Context.Trace), group.Name);

        try
        {
            await group.Dispatcher.DispatchBatchAsync([.. events.Select(incoming => new EventEnvelope<object>(incoming.Payload, incoming.Context))], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, exception.GetType().Name);
            group.Metrics.Took(started, topic.Name, exception);
            throw;
        }

        group.Metrics.Took(started, topic.Name, error: null);
        group.Metrics.Handled(topic.Name, events.Count);
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
