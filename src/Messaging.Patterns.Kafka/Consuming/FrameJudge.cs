using Confluent.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Tells which frames of an event topic are in their streams, for a reader that starts anywhere. One per assignment of a partition.</summary>
/// <param name="group">The group.</param>
/// <param name="topic">The topic.</param>
/// <param name="partition">The partition.</param>
/// <param name="committed">The group's commit from which the assignment starts; <see langword="null"/> if it starts at the beginning.</param>
internal sealed partial class FrameJudge(ConsumerGroup group, GroupTopic topic, int partition, long? committed)
{
    private readonly LookBack _lookBack = new(group.Context.Clients, new TopicPartition(topic.Name, partition));
    private int? _partitions = topic.Partitions;
    private LoserFilter? _filter;

    /// <summary>Judges a record.</summary>
    /// <returns>The frame if its events are in the stream; <see langword="null"/> for losers, barriers and what is set aside.</returns>
    /// <exception cref="RecordRefusedException">The log must not be read on.</exception>
    public async ValueTask<FrameHeader?> JudgeAsync(ConsumeResult<byte[], byte[]> record, CancellationToken cancellationToken)
    {
        var offset = record.Offset.Value;

        _filter ??= Start(offset);

        if (FrameReader.Read(record.Message.Key, record.Message.Value, out var frame) is { } fault)
        {
            return SetAside(offset, fault);
        }

        _partitions ??= frame.Partitions;

        if (frame.Partitions != _partitions)
        {
            throw new RecordRefusedException(
                $"the frame was written when the topic had {frame.Partitions} partitions, and the group started with {_partitions}. The partition count of an event topic must never change");
        }

        var verdict = _filter.Judge(offset, frame);

        if (verdict == FilterVerdict.NeedsScan)
        {
            verdict = _filter.Scanned(await _lookBack.FindAsync(_filter.Scan!.Value, cancellationToken).ConfigureAwait(false));
        }

        return verdict switch
        {
            FilterVerdict.Accepted => frame,
            FilterVerdict.BaseBeyondOffset => throw new RecordRefusedException(
                $"the frame's writer had read up to offset {frame.Base}, beyond the frame itself: the log lost records since"),
            _ => null,
        };
    }

    // Between the place where the group starts and the first record there is none, so nothing is missed; unless it starts at the beginning and that is gone.
    private LoserFilter Start(long offset) => committed is null && offset > 0 && topic.IsEventTopic
        ? throw new RecordRefusedException(
            $"the group has no commit and begins with the first event, but the log now begins at offset {offset}: records were deleted that the group has not handled. "
            + "Find out what deletes them; if the group is to go on without them, set its offset there with Kafka's own tools")
        : new LoserFilter(offset);

    private FrameHeader? SetAside(long offset, FrameFault fault)
    {
        if (fault.IsNewer || group.Context.EventStore.Value.OnForeignRecord == ForeignRecordPolicy.Stop)
        {
            throw new RecordRefusedException(
                $"it is no frame of an event store: {fault.Reason}. Find out who writes to the topic and keep them out (ACLs); "
                + $"then let such records be passed over with {nameof(KafkaEventStoreOptions)}.{nameof(KafkaEventStoreOptions.OnForeignRecord)} = {nameof(ForeignRecordPolicy.SetAside)}");
        }

        Log.SetAside(group.Context.Logger, group.Name, topic.Name, partition, offset, fault.Reason);
        group.Metrics.Unhandled(topic.Name);
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1421, LogLevel.Error, "Consumer group {Group} set aside a record that is no frame, at topic {Topic}, partition {Partition}, offset {Offset}: {Reason}.")]
        public static partial void SetAside(ILogger logger, string group, string topic, int partition, long offset, string reason);
    }
}
