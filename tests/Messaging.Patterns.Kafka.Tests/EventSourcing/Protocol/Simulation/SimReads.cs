using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>The reads of an instance: each waits for a place in the log, which a linearizable one learns by writing a barrier.</summary>
internal sealed class SimReads(SimInstance instance, PartitionSimulation simulation)
{
    private static readonly StreamKey BarrierKey = new(UInt128.MaxValue);
    private readonly List<SimRead> _waiting = [];
    private List<SimRead> _forNextBarrier = [];
    private List<SimRead> _forBarrier = [];
    private FrameHeader? _barrier;
    private int _barriers;

    public bool IsEmpty => _waiting.Count == 0;

    public void Begin(SimRead read)
    {
        switch (read.Kind)
        {
            case SimReadKind.Session:
                Wait(read, read.From!.Value);
                break;
            case SimReadKind.Strong:
                simulation.AskEnd(instance, read);
                break;
            default:
                _forNextBarrier.Add(read);
                SendBarrier();
                break;
        }
    }

    public void Wait(SimRead read, long from)
    {
        read.From = from;
        _waiting.Add(read);
        Answer();
    }

    /// <summary>Answers the reads whose place is folded.</summary>
    public void Answer()
    {
        for (var i = _waiting.Count - 1; i >= 0 && instance.Writer.Fault is null; i--)
        {
            if (_waiting[i].From <= instance.Writer.Position)
            {
                simulation.Answer(_waiting[i], instance);
                _waiting.RemoveAt(i);
            }
        }
    }

    /// <summary>A copy of the barrier under way was reported; its outcome may be unknown, then it is sent again.</summary>
    public void BarrierReported(in FrameHeader barrier, long report)
    {
        if (barrier != _barrier)
        {
            return;
        }

        if (report < 0)
        {
            simulation.Network.Send(instance, barrier);
            return;
        }

        instance.Writer.BarrierAcknowledged(report, barrier);
        var (reads, next) = (_forBarrier, report + 1);
        (_barrier, _forBarrier) = (null, []);

        foreach (var read in reads)
        {
            Wait(read, next);
        }

        SendBarrier();
    }

    /// <summary>Sends the next barrier, after all who wait for it asked.</summary>
    private void SendBarrier()
    {
        if (_barrier is null && _forNextBarrier.Count > 0 && instance.Writer.Fault is null)
        {
            (_forBarrier, _forNextBarrier) = (_forNextBarrier, []);
            _barrier = instance.Writer.BeginBarrier(BarrierKey, new AppendId(new Guid(-1 - instance.Number, (short)_barriers++, 1, new byte[8])));
            simulation.Network.Send(instance, _barrier.Value);
        }
    }
}
