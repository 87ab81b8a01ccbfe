using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>The consumer that follows the log for an instance, as the shell drives it: it rests, wakes, and may fail to seek.</summary>
internal sealed class SimTail(SimInstance instance, PartitionSimulation simulation, SimRandom random, SimProfile profile)
{
    private const int NoEpoch = -1;
    private readonly SimLog _log = simulation.Log;
    private long _next;
    private long _delivered;
    private int _epoch = NoEpoch;
    private bool _isUp;

    public bool IsResting { get; private set; }

    /// <summary>Gets the offset from which on what the instance has folded is compared with the log, if the log has lost records.</summary>
    public long ComparedFrom { get; private set; }

    /// <summary>Gets whether it has read an offset, which may be lost since.</summary>
    public bool HasReadUpTo(long offset) => _next > offset;

    public void Start()
    {
        ComparedFrom = FirstToCompare();
        var start = instance.Writer.StartTail();

        if (start > ComparedFrom)
        {
            simulation.Violate(Invariant.LossNoticed, $"the tail of instance {instance.Number} starts at {start}, but must compare from {ComparedFrom} on");
        }

        // The shell seeks before it tells the writer, so that the place may be an older one by then.
        _next = simulation.IsCalm ? start : Math.Max(0, start - random.Pick([0, 0, 0, 1, 3]));
        _epoch = NoEpoch;
        simulation.Note($"the tail of instance {instance.Number} starts at {_next}");
    }

    public void Rest()
    {
        // As a shell would: only while no acknowledgement is parked, and nobody waits.
        if (!instance.Writer.HasParked && instance.Reads.IsEmpty && (!profile.IsLossy || instance.Writer.IsConfirmed))
        {
            instance.Writer.RestTail();
            IsResting = true;
            simulation.Note($"the tail of instance {instance.Number} rests at {instance.Writer.Position}");
            simulation.Count(Happening.TailRested);
        }
    }

    public void Wake()
    {
        if (IsResting && !simulation.IsCalm && random.Chance(profile.SeekFails))
        {
            // The partition is fetched again from where it was paused, while the writer still rests; another try comes later.
            simulation.Count(Happening.SeekFailed);
        }
        else if (IsResting)
        {
            IsResting = false;
            Start();
        }

        if (!_isUp && !instance.IsGone)
        {
            _isUp = true;
            simulation.ScheduleTail(instance);
        }
    }

    /// <summary>Delivers the next record, or the end of the partition, after which the tail sleeps until there is more.</summary>
    public void Deliver()
    {
        _isUp = false;

        // A client that has read from a leader asks the next one where that leader's records end, before it reads on.
        if (_next > _log.Count || (_epoch != NoEpoch && _next > _log.EndOf(_epoch)))
        {
            instance.Writer.Stop(new ProtocolFault(FaultReason.FrameMissing, $"the log cannot be followed from offset {_next}"));
            return;
        }

        while (_next < _log.Count && _log[_next].Frame is null)
        {
            _epoch = _log[_next++].Epoch;
        }

        if (_next >= _log.Count)
        {
            instance.Writer.TailEnd(_next);
        }
        else
        {
            var offset = _next++;
            _epoch = _log[offset].Epoch;
            _delivered = Math.Max(_delivered, _next);
            simulation.Note($"instance {instance.Number} reads offset {offset}");
            instance.Deliver(offset, _log[offset].Frame!.Value);
            Wake();
        }
    }

    /// <summary>The log has lost everything from an offset on: a tail that has read that from the leader before must notice.</summary>
    public void LogLost(long from) => ComparedFrom = _epoch != NoEpoch && _next > from ? 0 : ComparedFrom;

    /// <summary>What the tail must find again: of the frames that acknowledgements alone told of, the newest ones; else the last frame of all.</summary>
    private long FirstToCompare()
    {
        var own = instance.FoldedFromAcknowledgements.Where(offset => offset >= _delivered).TakeLast(profile.KeptWhileResting).ToList();
        return own.Count > 0 ? own[0] : instance.Fold.Last?.Offset ?? instance.Fold.Position;
    }
}
