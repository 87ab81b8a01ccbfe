using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Handles the records of one assignment of a partition: reads the events out of them and hands them to their handlers. Several workers may call it at once.</summary>
internal sealed partial class RecordHandler(ConsumerGroup group, GroupTopic topic, int partition, ControlStep.Begin? begin)
{
    private readonly RecordReader _reader = new(group, topic, partition, begin);

    /// <summary>Handles records. They are done when this returns <see langword="null"/>, after the last event.</summary>
    public ValueTask<HandlingFailure?> HandleAsync(WorkBatch<GroupRecord> batch, CancellationToken cancellationToken)
    {
        if (group.Dispatcher is { TakesRecords: true, TakesBatches: false })
        {
            var incoming = _reader.ReadAsIs(batch[0].Record.Result);
            return DispatchAsync(incoming, cancellationToken);
        }

        return HandleEventsAsync(batch, cancellationToken);
    }

    /// <summary>Handles the events of one record from a place on, each in a call of its own.</summary>
    /// <param name="record">The record.</param>
    /// <param name="from">The place of the first event that is not done.</param>
    /// <param name="attempts">How often that one was handed over before.</param>
    /// <param name="cancellationToken">Handed to the handlers.</param>
    public async ValueTask<HandlingFailure?> HandleAloneAsync(GroupRecord record, int from, int attempts, CancellationToken cancellationToken)
    {
        var events = new List<IncomingEvent>();
        _reader.Read(record, events);

        for (var index = from; index < events.Count; index++)
        {
            var incoming = index == from && attempts > 0 ? events[index] with { Context = events[index].Context with { Attempt = attempts + 1 } } : events[index];

            if (!group.Dispatcher.Handles(incoming.Payload))
            {
                PassOver(incoming.Context);
            }
            else if (await DispatchAsync(incoming, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private async ValueTask<HandlingFailure?> HandleEventsAsync(WorkBatch<GroupRecord> batch, CancellationToken cancellationToken)
    {
        var events = new List<IncomingEvent>(batch.Count);

        for (var index = 0; index < batch.Count; index++)
        {
            _reader.Read(batch[index].Record, events);
        }

        for (var index = 0; index < events.Count; index++)
        {
            var run = RunAt(events, index);
            HandlingFailure? failure = null;

            if (run > 0)
            {
                failure = await DispatchBatchAsync(events.GetRange(index, run), cancellationToken).ConfigureAwait(false);
                index += run - 1;
            }
            else if (group.Dispatcher.Handles(events[index].Payload))
            {
                failure = await DispatchAsync(events[index], cancellationToken).ConfigureAwait(false);
            }
            else
            {
                PassOver(events[index].Context);
            }

            if (failure is not null)
            {
                return failure;
            }
        }

        return null;
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

    private async ValueTask<HandlingFailure?> DispatchAsync(IncomingEvent incoming, CancellationToken cancellationToken)
    {
        var (payload, context) = incoming;
        var started = group.Metrics.Start();
        using var activity = KafkaDiagnostics.StartProcess(topic.Name, context.Trace, group.Name, context.IsReplay);
        var (error, attempts) = ((Exception?)null, context.Attempt);

        try
        {
            if (group.Pipeline is null)
            {
                await group.Dispatcher.DispatchAsync(payload, context, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                (error, attempts) = await group.Pipeline.RunAsync(
                    (attempt, token) => group.Dispatcher.DispatchAsync(payload, context with { Attempt = attempt }, token), context.Attempt - 1, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            error = exception;
        }

        Ended(activity, started, 1, error);
        return error is null ? null : new(error, context.Index, attempts);
    }

    private async ValueTask<HandlingFailure?> DispatchBatchAsync(List<IncomingEvent> events, CancellationToken cancellationToken)
    {
        var started = group.Metrics.Start();
        using var activity = KafkaDiagnostics.StartProcess(topic.Name, events.Select(incoming => incoming.Context.Trace), group.Name, events.Exists(incoming => incoming.Context.IsReplay));
        var (error, attempts, first) = ((Exception?)null, events[0].Context.Attempt, events[0].Context.Attempt);

        try
        {
            if (group.Pipeline is null)
            {
                await HandOverAsync(0, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                (error, attempts) = await group.Pipeline.RunAsync((attempt, token) => HandOverAsync(attempt - first, token), first - 1, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            error = exception;
        }

        Ended(activity, started, events.Count, error);
        return error is null ? null : new(error, events.Count == 1 ? events[0].Context.Index : null, attempts);

        ValueTask HandOverAsync(int again, CancellationToken token) => group.Dispatcher.DispatchBatchAsync(
            [.. events.Select(incoming => new EventEnvelope<object>(incoming.Payload, again == 0 ? incoming.Context : incoming.Context with { Attempt = incoming.Context.Attempt + again }))], token);
    }

    private void Ended(System.Diagnostics.Activity? activity, long started, int events, Exception? error)
    {
        group.Metrics.Took(started, topic.Name, error);

        if (error is null)
        {
            group.Metrics.Handled(topic.Name, events);
        }
        else
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, error.GetType().Name);
        }
    }

    private void PassOver(EventContext context)
    {
        if (group.Options.OnUnhandled == UnhandledEventPolicy.Stop)
        {
            throw new RecordRefusedException(
                $"no handler takes events of type '{context.EventType}'. Add one, or let such events be passed over with OnUnhandled({nameof(UnhandledEventPolicy)}.{nameof(UnhandledEventPolicy.Skip)})", mustStop: true);
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
