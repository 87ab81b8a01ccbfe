using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>The partitions of a topic whose tail rests, since they would only bring what this process has just written itself.</summary>
/// <remarks>
/// <para>
/// Resting saves half of what an append costs. It hides nothing for long: whatever others write leaves a gap in the offsets of our acknowledgements, and
/// when there are no acknowledgements for a moment, the tail looks by itself. It begins at the last frame folded, so that a log which changed meanwhile is
/// noticed.
/// </para>
/// <para>Only the thread of the tail comes here: so a partition cannot be woken between the decision to rest and the pause.</para>
/// </remarks>
internal sealed partial class TailRests(IConsumer<byte[], byte[]> consumer, LogTopic topic, TimeProvider time)
{
    /// <summary>How often it is looked whether a rest is over.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    // How long a partition may rest while nothing is acknowledged: others may be writing.
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(20);

    private readonly List<Rest> _rests = [];
    private long _looked;

    public bool IsEmpty => _rests.Count == 0;

    /// <summary>Stops fetching a partition of which <see cref="LogPartition.TryRest"/> said that it rests.</summary>
    public void Begin(LogPartition partition)
    {
        consumer.Pause([partition.Place]);
        _rests.Add(new Rest(partition, time));
    }

    /// <summary>Fetches again where a rest is over.</summary>
    public void WakeDue()
    {
        if (_rests.Count > 0 && time.GetElapsedTime(_looked) >= Interval)
        {
            _looked = time.GetTimestamp();
            _rests.RemoveAll(rest => rest.IsOver() && TryWake(rest.Partition));
        }
    }

    private bool TryWake(LogPartition partition)
    {
        try
        {
            // In this order: after a seek of a paused partition its first record takes a second.
            consumer.Resume([partition.Place]);
            consumer.Seek(new TopicPartitionOffset(partition.Place, partition.TailStart));
        }
        catch (KafkaException exception)
        {
            // As while the broker is being replaced. What is delivered meanwhile are offsets folded before, which change nothing.
            Log.NotWoken(topic.Logger, exception, topic.Name, partition.Number);
            return false;
        }

        // Only now: the first frame to be compared must not lie before the place at which the tail begins.
        partition.StartTail();
        return true;
    }

    private sealed class Rest(LogPartition partition, TimeProvider time)
    {
        private long _next = partition.Progress.Next;
        private long _since = time.GetTimestamp();

        public LogPartition Partition { get; } = partition;

        public bool IsOver()
        {
            if (Partition.Progress.Next is var next && next != _next)
            {
                (_next, _since) = (next, time.GetTimestamp());
            }

            return Partition.NeedsTail || time.GetElapsedTime(_since) >= Idle;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1322, LogLevel.Debug, "Topic {Topic}, partition {Partition} could not be fetched again after a rest; it is tried again.")]
        public static partial void NotWoken(ILogger logger, Exception exception, string topic, int partition);
    }
}
