using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A writer that breaks a rule: it sends a stream's next frame before the previous one is decided. Otherwise it is careful and believes only the fold.</summary>
internal sealed class PipeliningWriter(SimInstance instance, PartitionSimulation simulation)
{
    private readonly Dictionary<StreamKey, long> _sent = [];
    private readonly Dictionary<AppendKey, SimAppend> _open = [];

    public void Submit(SimAppend append)
    {
        var next = Math.Max(instance.Fold.Versions[append.Stream], _sent.GetValueOrDefault(append.Stream)) + 1;
        _open[new AppendKey(append.Stream, append.Id)] = append;
        _sent[append.Stream] = next + append.Count - 1;
        simulation.Network.SendBlindly(new FrameHeader(append.Stream, append.Id, next, append.Count, instance.Writer.Position, PartitionSimulation.Partitions), append.Call);
    }

    public void Seen(in FrameHeader frame, long offset, Verdict? verdict)
    {
        if (verdict is not { } known || !_open.Remove(new AppendKey(frame.Stream, frame.AppendId), out var append))
        {
            return;
        }

        instance.Complete(append, known == Verdict.Accepted
            ? AppendDecision.Accepted(new AcceptedAppend(frame.Stream, frame.AppendId, frame.LastVersion, offset))
            : AppendDecision.Conflict(instance.Fold.Versions[frame.Stream]));
    }
}
