using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.EventSourcing.Frames;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>
/// Judges the frames of one assignment of a partition, one after another in the order of offsets, before they are handled in an order of keys. Where there are
/// no frames, records do not come here.
/// </summary>
/// <param name="group">The group.</param>
/// <param name="partition">The partition.</param>
/// <param name="start">The position from which the assignment starts; <see langword="null"/> if it starts at the beginning.</param>
/// <param name="leaving">Cancelled when the partition leaves.</param>
internal sealed class RecordIntake(ConsumerGroup group, GroupPartition partition, long? start, CancellationToken leaving)
{
    private const int AtOnce = 64;

    private readonly FrameJudge _judge = new(group, partition.Topic, partition.Number, start);
    private readonly Lock _gate = new();
    private readonly Queue<TakenRecord<GroupRecord>> _waiting = new();
    private bool _isJudging;

    // Once there may be frames, all records are judged, so that they keep their order.
    /// <summary>Gets whether records are judged.</summary>
    public bool IsNeeded { get; private set; } = partition.Topic.IsEventTopic;

    /// <summary>Returns whether a record, and all that come after it, are to be judged.</summary>
    public bool Takes(ConsumeResult<byte[], byte[]> record) =>
        IsNeeded |= !group.Dispatcher.TakesRecords && (IsBinaryFrame(record) || record.Message.Value.AsSpan().IndexOf(FrameFormat.LogVersionName) >= 0);

    /// <summary>Adds a record.</summary>
    public void Add(in TakenRecord<GroupRecord> taken)
    {
        lock (_gate)
        {
            _waiting.Enqueue(taken);
        }
    }

    /// <summary>Judges what was added.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isJudging || _waiting.Count == 0)
            {
                return;
            }

            _isJudging = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static intake => _ = intake.RunAsync(), this, preferLocal: false);
    }

    // A record that cannot be judged stops the partition, and with it the judging.
    private async Task RunAsync()
    {
        for (var judged = 1; TryDequeue(out var taken); judged++)
        {
            try
            {
                partition.Judged(taken, await JudgeAsync(taken.Record.Result).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                partition.Refuse(taken.Offset, exception);
                partition.StartWorkers();
                return;
            }

            if (judged % AtOnce == 0)
            {
                partition.StartWorkers();
                await Task.Yield();
            }
        }

        partition.StartWorkers();
    }

    private bool TryDequeue(out TakenRecord<GroupRecord> taken)
    {
        lock (_gate)
        {
            _isJudging = _waiting.TryDequeue(out taken);
            return _isJudging;
        }
    }

    /// <summary>Returns the first version of a frame that is in its stream, 0 for what is no frame, <see langword="null"/> for what is to be passed over.</summary>
    private async ValueTask<long?> JudgeAsync(ConsumeResult<byte[], byte[]> record)
    {
        if (!partition.Topic.IsEventTopic && !IsBinaryFrame(record) && !IsFrame(record))
        {
            return 0;
        }

        return (await _judge.JudgeAsync(record, leaving).ConfigureAwait(false))?.FirstVersion;
    }

    // A published event may have such bytes as its data, but then its headers say that it is one.
    private static bool IsBinaryFrame(ConsumeResult<byte[], byte[]> record) => BinaryFrameFormat.IsMarked(record.Message.Value) && !PublishedRecord.IsInBinaryMode(record);

    // What is read for its names alone: whoever handles it reads it once more, and meets the same fault if it cannot be read.
    private static bool IsFrame(ConsumeResult<byte[], byte[]> record) =>
        record.Message.Value is { Length: > 0 } value && !PublishedRecord.IsInBinaryMode(record) && CloudEventsFrameReader.NamesLogVersion(value);
}
