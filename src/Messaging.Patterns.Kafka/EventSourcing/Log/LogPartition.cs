using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>One partition of an event topic as this process sees it: the state machine under a lock, and the I/O that it asks for.</summary>
/// <remarks>
/// Producer reports, the tail and callers come from threads of their own; each takes the lock for one input. What is to be sent is sent after the lock is
/// released, since the producer may report at once. Folded frames go to the store under the lock, so that it sees them in the order of their offsets.
/// </remarks>
internal sealed partial class LogPartition
{
    private readonly Lock _gate = new();
    private readonly LogTopic _topic;
    private readonly PartitionFold _fold;
    private readonly PartitionWriter _writer;
    private readonly PendingAppends _pending = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<AttemptReport> _toSend = [];
    private TaskCompletionSource? _drained;
    private long _earliestDeadline = long.MaxValue;
    private long _target = long.MaxValue;
    private string? _stopReason;

    public LogPartition(LogTopic topic, int number, IPartitionStore? store, PartitionCheckpoint? checkpoint)
    {
        (_topic, Number, Store, Name) = (topic, number, store, $"{topic.Name}:{number}");
        Place = new TopicPartition(topic.Name, number);
        _fold = new PartitionFold(topic.Partitions, topic.Options.AppendIdWindow);
        checkpoint?.RestoreTo(_fold);
        RestoredIdentity = checkpoint?.Identity ?? TopicIdentity.Unknown;
        _writer = new PartitionWriter(_fold, this);
        Readable.Advance(_fold.Position);

        if (store is not null)
        {
            store.Committed = Readable.Advance;
            store.Failed = failure => Stop(FaultReason.External, failure.Message);
        }
    }

    public int Number { get; }

    /// <summary>Gets the partition as Kafka's clients name it.</summary>
    public TopicPartition Place { get; }

    /// <summary>Gets the partition's name as part of a <see cref="Position"/>.</summary>
    public string Name { get; }

    /// <summary>Gets what names the partition among those of all topics.</summary>
    public (string Topic, int Partition) Key => (_topic.Name, Number);

    /// <summary>Gets the most bytes that the topic takes as one record.</summary>
    public long MaxMessageBytes => _topic.MaxMessageBytes;

    /// <summary>Gets the store of the partition, or <see langword="null"/> where nothing is read.</summary>
    public IPartitionStore? Store { get; }

    /// <summary>Gets which topic the checkpoint was folded from.</summary>
    public TopicIdentity RestoredIdentity { get; }

    /// <summary>Gets those who wait until reads see the log up to an offset.</summary>
    public OffsetWaiters Readable { get; } = new();

    /// <summary>Gets the task that completes when the log is folded up to the end that it had at the start.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Gets why the partition stopped, or <see langword="null"/>.</summary>
    public EventStoreStoppedException? Failure { get; private set; }

    /// <summary>Returns why the partition stopped, to be thrown.</summary>
    public EventStoreStoppedException NewFailure() => new(_stopReason!);

    /// <summary>Gets how many appends wait for their answer.</summary>
    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Gets the partition count that the last frame folded names; <see langword="null"/> when none was folded yet.</summary>
    public int? FoldedPartitionCount
    {
        get
        {
            lock (_gate)
            {
                return _fold.Last?.Header.Partitions;
            }
        }
    }

    /// <summary>Gets the next offset to fold, and the end to catch up to at the start.</summary>
    public (long Next, long Target) Progress
    {
        get
        {
            lock (_gate)
            {
                return (_writer.Position, _target);
            }
        }
    }

    /// <summary>Gets how many records are to be folded before the end that the log had at the start.</summary>
    public long Behind => _caughtUp.Task.IsCompleted || Progress is not (var next, < long.MaxValue and var target) ? 0 : Math.Max(0, target - next);

    public Position PositionAt(long next) => Position.At(Name, next);

    /// <summary>Sets the end of the log up to which the partition must be folded before it is used.</summary>
    public void CatchUpTo(long end)
    {
        lock (_gate)
        {
            _target = end;
            CheckCaughtUp();
        }
    }

    /// <summary>Takes a copy of the fold, for a checkpoint.</summary>
    public PartitionCheckpoint Snapshot()
    {
        lock (_gate)
        {
            return PartitionCheckpoint.Of(_fold) with { Identity = _topic.Identity };
        }
    }

    public void Submit(AppendOperation operation)
    {
        lock (_gate)
        {
            _pending.Add(operation);
            _earliestDeadline = Math.Min(_earliestDeadline, operation.Deadline);
            _writer.Submit(operation);
        }

        SendWaiting();
    }

    public void Cancel(AppendOperation operation)
    {
        lock (_gate)
        {
            _writer.Cancel(operation);
        }

        SendWaiting();
    }

    /// <summary>Ends the appends whose time is up.</summary>
    public void Sweep(long now)
    {
        lock (_gate)
        {
            // Looking through thousands of pending appends takes long under the lock, and as a rule nobody's time is up.
            if (_earliestDeadline > now)
            {
                return;
            }

            (var due, _earliestDeadline) = _pending.FindDue(now);

            foreach (var operation in due)
            {
                _writer.Deadline(operation);
            }
        }

        SendWaiting();
    }

    /// <summary>Completes when no append is under way.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            return _pending.Count == 0 ? Task.CompletedTask : (_drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends with the process: appends still under way are answered as well as can be, and what comes later changes nothing.</summary>
    public void Close() => Stop(FaultReason.Closed, "this process is stopping");

    /// <summary>Stops for good: nothing is folded, appended or read any more.</summary>
    public void Stop(FaultReason reason, string text)
    {
        lock (_gate)
        {
            _writer.Stop(new ProtocolFault(reason, text));
        }
    }

    private void CheckCaughtUp()
    {
        if (_writer.Position >= _target && _writer.IsConfirmed)
        {
            _caughtUp.TrySetResult();
        }
    }
}
