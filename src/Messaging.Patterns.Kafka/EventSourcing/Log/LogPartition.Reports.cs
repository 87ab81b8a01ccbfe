using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>What the producer reports. It calls from a thread of its own.</summary>
internal sealed partial class LogPartition
{
    public void Acknowledged(AttemptReport report, long offset)
    {
        lock (_gate)
        {
            _writer.Acknowledged(End(report), offset);
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

    public void Uncertain(AttemptReport report)
    {
        lock (_gate)
        {
            _writer.Uncertain(End(report));
        }

        SendWaiting();
    }

    public void NotPersisted(AttemptReport report, Exception? error, bool isFinal)
    {
        lock (_gate)
        {
            _writer.NotPersisted(End(report), error, isFinal);
        }

        SendWaiting();
    }

    private Attempt End(AttemptReport report)
    {
        var attempt = report.End();
        _reports.Push(report);
        return attempt;
    }
}
