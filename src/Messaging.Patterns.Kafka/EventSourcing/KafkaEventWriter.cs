using System.Diagnostics;
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
internal sealed class KafkaEventWriter : IEventWriter
{
    private readonly EventLog _log;
    private readonly IFrameWriter _frames;
    private readonly KafkaClients _clients;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly AppendRoom _room;

    public KafkaEventWriter(EventLog log, IFrameWriter frames, IOptions<KafkaEventWriterOptions> options, KafkaClients clients, TimeProvider time)
    {
        (_log, _frames, _clients, _time, _timeout) = (log, frames, clients, time, options.Value.AppendTimeout);
        var backlog = log.Context.Store?.Backlog;
        _room = new AppendRoom(options.Value.MaxPendingAppends, options.Value.MaxPendingBytes, backlog, time);
        backlog?.RoomMade = _room.StoreCaughtUp;
    }

    /// <summary>Gets what lets appends in.</summary>
    public AppendRoom Room => _room;

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
        var request = new AppendRequest(stream, expected, events, options?.Id ?? default, options?.Timeout ?? _timeout, _time.GetTimestamp(), cancellationToken);
        return KafkaDiagnostics.IsTraced ? TraceAsync(request) : BeginAsync(request);
    }

    public async ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pending);
        var topic = await _log.TopicOfAsync(pending.Stream, cancellationToken).ConfigureAwait(false);
        var key = StreamKeys.Of(pending.Stream, out var bytes);
        var partition = topic.PartitionOf(bytes);
        var operation = new AppendOperation(key, pending, pending.Base.Next(partition.Name));
        var decision = await RunAsync(partition, operation, cancellationToken).ConfigureAwait(false);

        return decision.Kind switch
        {
            DecisionKind.Accepted => AppendResolution.Accepted(new(decision.Version, partition.PositionAt(decision.Offset + 1))),
            DecisionKind.Conflict => AppendResolution.Rejected,
            DecisionKind.ReadLog => await PendingScan.RunAsync(topic, partition, _clients, pending, decision.Base, cancellationToken).ConfigureAwait(false),
            DecisionKind.Unknown when pending.Frame.IsEmpty => AppendResolution.Undecided,
            DecisionKind.Unknown or DecisionKind.Cancelled when cancellationToken.IsCancellationRequested => throw new OperationCanceledException(cancellationToken),
            _ => throw (partition.Failure is null ? (MessagingException)Unavailable(decision.Error) : partition.NewFailure()),
        };
    }

    /// <summary>An append is decided: its place is free for another.</summary>
    public void Decided(AppendCall call, long started, DecisionKind outcome)
    {
        _room.Leave(call.Size);
        _log.Context.Metrics.RecordAppend(_time, started, call.Partition.Key.Topic, outcome);
    }

    /// <summary>Returns what is thrown to the caller of an append that was not accepted.</summary>
    public Exception Explain(AppendCall call, in AppendDecision decision) => decision.Kind switch
    {
        DecisionKind.Conflict => new StreamConflictException(
            call.Name, call.Expected, decision.Version, call.Partition.PositionAt(call.Partition.Progress.Next)),
        DecisionKind.Unknown => new AppendOutcomeUnknownException(Pend(call, decision), Cause(call)),
        DecisionKind.Cancelled => new OperationCanceledException(call.CancellationToken),
        DecisionKind.Stopped => call.Partition.NewFailure(),
        _ => NotWritten(call, decision),
    };

    private async ValueTask<AppendResult> TraceAsync(AppendRequest request)
    {
        using var activity = KafkaDiagnostics.StartAppend(request.Stream);

        try
        {
            return await BeginAsync(request).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }

    // As a rule the topic is ready and there is room; then no state machine is needed.
    private ValueTask<AppendResult> BeginAsync(in AppendRequest request)
    {
        try
        {
            var topic = _log.TopicOfAsync(request.Stream, request.CancellationToken);

            if (!topic.IsCompletedSuccessfully)
            {
                return BeginLaterAsync(topic, request);
            }

            var call = Prepare(topic.Result, request);
            return _room.TryEnter(call.Size) ? call.RunAsync() : RunLaterAsync(call);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<AppendResult>(exception);
        }
    }

    private async ValueTask<AppendResult> BeginLaterAsync(ValueTask<LogTopic> topic, AppendRequest request) =>
        await RunLaterAsync(Prepare(await WaitAsync(topic, request.Timeout).ConfigureAwait(false), request)).ConfigureAwait(false);

    private AppendCall Prepare(LogTopic topic, in AppendRequest request)
    {
        var id = request.Id.IsEmpty ? AppendId.New(_time) : request.Id;
        var key = StreamKeys.Of(request.Stream, out var name);
        var frame = _frames.Prepare(request.Stream, id, topic.Partitions, request.Events);
        return new AppendCall(key, id, frame, request)
        {
            Writer = this,
            Partition = topic.PartitionOf(name),
            Deadline = request.Started + (long)Math.Min(request.Timeout.TotalSeconds * _time.TimestampFrequency, long.MaxValue / 2),
        };
    }

    private async ValueTask<AppendResult> RunLaterAsync(AppendCall call)
    {
        try
        {
            await _room.EnterAsync(call.Size, call.Timeout, call.CancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw _log.Context.Store?.Backlog is { HasRoomForAppends: false } backlog
                ? new ReadStoreBehindException(call.Name, backlog.Records, exception)
                : Unavailable(exception);
        }

        // The room may come from an append that the same token cancelled. This one is not handed over yet, so its outcome is known.
        if (call.CancellationToken.IsCancellationRequested)
        {
            _room.Leave(call.Size);
            throw new OperationCanceledException(call.CancellationToken);
        }

        return await call.RunAsync().ConfigureAwait(false);
    }

    private async ValueTask<LogTopic> WaitAsync(ValueTask<LogTopic> topic, TimeSpan timeout)
    {
        if (topic.IsCompletedSuccessfully)
        {
            return await topic.ConfigureAwait(false);
        }

        try
        {
            return await topic.AsTask().WaitAsync(timeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw Unavailable(exception);
        }
    }

    private static async ValueTask<AppendDecision> RunAsync(LogPartition partition, AppendOperation operation, CancellationToken cancellationToken)
    {
        partition.Submit(operation);

        // Cancelling takes the partition's lock, so the registration is not disposed of under it.
        using var registration = cancellationToken.UnsafeRegister(_ => partition.Cancel(operation), null);
        return await operation.Decision.ConfigureAwait(false);
    }

    private static PendingAppend Pend(AppendCall call, in AppendDecision decision) => new()
    {
        Stream = call.Name,
        Id = call.Id,
        FirstVersion = decision.FirstVersion,
        Count = call.Count,
        Base = call.Partition.PositionAt(decision.Base),
        Frame = call.BytesOf(decision.FirstVersion, decision.Base),
    };

    private Exception Cause(AppendCall call) =>
        call.CancellationToken.IsCancellationRequested ? new OperationCanceledException(call.CancellationToken)
        : call.Partition.Failure ?? (Exception)Unavailable(null);

    private MessagingException NotWritten(AppendCall call, in AppendDecision decision) => decision.Error switch
    {
        KafkaException { Error.Code: ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge } error => new AppendTooLargeException(
            call.Name, call.RecordKey.Length + call.BytesOf(call.FirstVersion, call.Base)!.Length, call.Partition.MaxMessageBytes, error),
        { } error when decision.IsFinal => new MessagingException($"Cannot append to stream '{call.Name}': {error.Message}. Nothing was written.", error),
        var error => Unavailable(error),
    };

    private KafkaUnavailableException Unavailable(Exception? cause) => _clients.Unavailable("append", cause);
}
