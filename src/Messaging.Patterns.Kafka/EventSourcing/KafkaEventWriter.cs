using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Diagnostics;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Appends to the event store on Kafka.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Appends that are answered while the process stops still leave the room, which holds no handle.")]
internal sealed class KafkaEventWriter(
    EventLog log, CloudEventsFrameWriter frames, IOptions<KafkaEventWriterOptions> options, KafkaClients clients, TimeProvider time) : IEventWriter
{
    private readonly SemaphoreSlim _room = new(options.Value.MaxPendingAppends);

    public ValueTask<AppendResult> AppendAsync(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        AppendOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(events);

        if (events.Count == 0)
        {
            throw new ArgumentException($"The append to stream '{stream}' has no events; at least one is needed.", nameof(events));
        }

        if (events.Contains(null!))
        {
            throw new ArgumentException($"The append to stream '{stream}' has an event that is null.", nameof(events));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return AppendCoreAsync(stream, expected, events, options ?? new AppendOptions(), cancellationToken);
    }

    public async ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pending);
        var topic = await log.TopicOfAsync(pending.Stream, cancellationToken).ConfigureAwait(false);
        var key = StreamKeys.Of(pending.Stream, out var bytes);
        var partition = topic.PartitionOf(bytes);
        var operation = new AppendOperation(key, bytes, pending, pending.Base.Next(partition.Name));
        var decision = await RunAsync(partition, operation, cancellationToken).ConfigureAwait(false);

        return decision.Kind switch
        {
            DecisionKind.Accepted => AppendResolution.Accepted(new(decision.Version, partition.PositionAt(decision.Offset + 1))),
            DecisionKind.Conflict => AppendResolution.Rejected,
            DecisionKind.ReadLog => await PendingScan.RunAsync(topic, partition, clients, pending, decision.Base, cancellationToken).ConfigureAwait(false),
            DecisionKind.Unknown when pending.Frame.IsEmpty => AppendResolution.Undecided,
            DecisionKind.Unknown or DecisionKind.Cancelled when cancellationToken.IsCancellationRequested => throw new OperationCanceledException(cancellationToken),
            _ => throw (partition.Failure is null ? (MessagingException)Unavailable(decision.Error) : partition.NewFailure()),
        };
    }

    private async ValueTask<AppendResult> AppendCoreAsync(
        StreamId stream, ExpectedVersion expected, IReadOnlyList<EventData> events, AppendOptions append, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var timeout = append.Timeout ?? options.Value.AppendTimeout;
        var deadline = started + (long)Math.Min(timeout.TotalSeconds * time.TimestampFrequency, long.MaxValue / 2);
        using var activity = KafkaDiagnostics.StartAppend(stream);
        var topic = await WaitAsync(log.TopicOfAsync(stream, cancellationToken), timeout).ConfigureAwait(false);
        var id = append.Id.IsEmpty ? AppendId.New(time) : append.Id;
        var key = StreamKeys.Of(stream, out var bytes);
        var partition = topic.PartitionOf(bytes);
        var operation = new AppendOperation(key, bytes, id, expected, frames.Prepare(stream, id, topic.Partitions, events)) { Deadline = deadline };
        await EnterAsync(timeout, cancellationToken).ConfigureAwait(false);

        try
        {
            var decision = await RunAsync(partition, operation, cancellationToken).ConfigureAwait(false);
            log.Context.Metrics.RecordAppend(time.GetElapsedTime(started), topic.Name, decision.Kind);

            return decision.Kind == DecisionKind.Accepted
                ? new AppendResult(decision.Version, partition.PositionAt(decision.Offset + 1))
                : throw Explain(stream, partition, operation, decision, cancellationToken);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
        finally
        {
            _room.Release();
        }
    }

    private async ValueTask EnterAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!_room.Wait(0, CancellationToken.None) && !await _room.WaitAsync(timeout, cancellationToken).ConfigureAwait(false))
        {
            throw Unavailable(null);
        }
    }

    private async ValueTask<LogTopic> WaitAsync(ValueTask<LogTopic> topic, TimeSpan timeout)
    {
        if (topic.IsCompletedSuccessfully)
        {
            return topic.Result;
        }

        try
        {
            return await topic.AsTask().WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw Unavailable(exception);
        }
    }

    private static async ValueTask<AppendDecision> RunAsync(LogPartition partition, AppendOperation operation, CancellationToken cancellationToken)
    {
        partition.Submit(operation);

        if (!cancellationToken.CanBeCanceled || operation.Decision.IsCompleted)
        {
            return await operation.Decision.ConfigureAwait(false);
        }

        // Cancelling takes the partition's lock, so the registration is not disposed of under it.
        using var registration = cancellationToken.UnsafeRegister(_ => partition.Cancel(operation), null);
        return await operation.Decision.ConfigureAwait(false);
    }

    private Exception Explain(
        StreamId stream, LogPartition partition, AppendOperation operation, in AppendDecision decision, CancellationToken cancellationToken) => decision.Kind switch
        {
            DecisionKind.Conflict => new StreamConflictException(stream, operation.Expected, decision.Version, partition.PositionAt(partition.Progress.Next)),
            DecisionKind.Unknown => new AppendOutcomeUnknownException(
                Pend(stream, partition, operation, decision), cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken) : Cause(partition)),
            DecisionKind.Cancelled => new OperationCanceledException(cancellationToken),
            DecisionKind.Stopped => partition.NewFailure(),
            _ => NotWritten(stream, partition, operation, decision),
        };

    private static PendingAppend Pend(StreamId stream, LogPartition partition, AppendOperation operation, in AppendDecision decision) => new()
    {
        Stream = stream,
        Id = operation.Id,
        FirstVersion = decision.FirstVersion,
        Count = operation.Count,
        Base = partition.PositionAt(decision.Base),
        Frame = operation.BytesOf(decision.FirstVersion, decision.Base),
    };

    private Exception Cause(LogPartition partition) => partition.Failure ?? (Exception)Unavailable(null);

    private MessagingException NotWritten(StreamId stream, LogPartition partition, AppendOperation operation, in AppendDecision decision) => decision.Error switch
    {
        KafkaException { Error.Code: ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge } error => new AppendTooLargeException(
            stream, operation.RecordKey.Length + operation.BytesOf(operation.FirstVersion, operation.Base).Length, partition.MaxMessageBytes, error),
        { } error when decision.IsFinal => new MessagingException($"Cannot append to stream '{stream}': {error.Message}. Nothing was written.", error),
        var error => Unavailable(error),
    };

    private KafkaUnavailableException Unavailable(Exception? cause) => clients.Unavailable("append", cause);
}
