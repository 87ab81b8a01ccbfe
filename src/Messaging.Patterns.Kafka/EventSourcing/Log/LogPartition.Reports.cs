using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>What the producer reports. It calls from a thread of its own.</summary>
internal sealed partial class LogPartition
{
    public void Acknowledged(Attempt attempt, long offset)
    {
        lock (_gate)
        {
            _writer.Acknowledged(attempt, offset);
        }

        SendWaiting();
    }

    /// <summary>Begins a barrier, one at a time, and returns what its frame says.</summary>
    public FrameHeader BeginBarrier(AppendId id)
    {
        lock (_gate)
        {
            return _writer.BeginBarrier(StreamKeys.Of(Barrier.Key), id);
        }
    }

    public void BarrierAcknowledged(in FrameHeader barrier, long offset)
    {
        lock (_gate)
        {
            _writer.BarrierAcknowledged(offset, barrier);
            CheckCaughtUp();
        }

        SendWaiting();
    }

    public void Uncertain(Attempt attempt)
    {
        lock (_gate)
        {
            _writer.Uncertain(attempt);
        }

        SendWaiting();
    }

    public void NotPersisted(Attempt attempt, Exception? error, bool isFinal)
    {
        lock (_gate)
        {
            _writer.NotPersisted(attempt, error, isFinal);
        }

        SendWaiting();
    }
}
