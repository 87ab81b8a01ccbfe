using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>The network and the broker behind it: requests are lost, refused, delayed and repeated, and so are their acknowledgements.</summary>
internal sealed class SimNetwork(PartitionSimulation simulation, SimRandom random, SimProfile profile)
{
    private readonly Dictionary<Attempt, long> _sent = [];

    /// <summary>Hands a copy to the network, which may lose it, refuse it, delay it or repeat it.</summary>
    public void Send(SimInstance instance, Attempt attempt)
    {
        var call = ((SimAppend)attempt.Append).Call;
        simulation.Note($"instance {instance.Number} sends {call} at version {attempt.FirstVersion}, base {attempt.Base}");
        call.IsStray |= !simulation.IsSound(instance);
        _sent.Add(attempt, simulation.Now);
        Send(instance, (object)attempt);
    }

    /// <summary>Hands a barrier to the network.</summary>
    public void Send(SimInstance instance, in FrameHeader barrier)
    {
        simulation.Note($"instance {instance.Number} sends a barrier, base {barrier.Base}");
        Send(instance, (object)barrier);
    }

    private void Send(SimInstance instance, object attempt)
    {
        if (Happens(profile.Refused))
        {
            simulation.Schedule(Delay(profile.NetworkDelay), new SimEvent(SimEventKind.Report, instance, attempt, SimEvent.ReportsNotPersisted));
        }
        else if (Happens(profile.Lost))
        {
            simulation.Schedule(Delay(3 * profile.NetworkDelay), new SimEvent(SimEventKind.Report, instance, attempt, SimEvent.ReportsUncertain));

            // Given up by the producer, but perhaps only late.
            if (Happens(50))
            {
                simulation.Schedule(Delay(12 * profile.NetworkDelay), new SimEvent(SimEventKind.Land, instance, attempt));
            }
        }
        else
        {
            simulation.Schedule(Delay(profile.NetworkDelay), new SimEvent(SimEventKind.Land, instance, attempt));

            if (Happens(profile.Duplicated))
            {
                simulation.Schedule(Delay(6 * profile.NetworkDelay), new SimEvent(SimEventKind.Land, instance, attempt));
            }
        }
    }

    /// <summary>Lets a frame land, and perhaps land again, without a report.</summary>
    public void SendBlindly(in FrameHeader frame, SimCall call)
    {
        simulation.Schedule(Delay(profile.NetworkDelay), new SimEvent(SimEventKind.Land, null, new SimRecord(frame, 0, call)));

        if (Happens(profile.Duplicated))
        {
            simulation.Schedule(Delay(6 * profile.NetworkDelay), new SimEvent(SimEventKind.Land, null, new SimRecord(frame, 0, call)));
        }
    }

    public void Land(in SimEvent next)
    {
        if (Happens(profile.ControlRecord))
        {
            simulation.Append(new SimRecord(null, simulation.Now, null));
        }

        if (next.Subject is SimRecord blind)
        {
            simulation.Append(blind with { LandedAt = simulation.Now });
            return;
        }

        var record = RecordOf(next.Subject!);

        if (record.Call is { } call && record.Frame?.Base > simulation.Loss?.From)
        {
            // On its way when the log lost what it was chosen on.
            call.IsStray |= !simulation.IsSound(next.Instance!);
        }

        var offset = simulation.Append(record);
        var report = Happens(profile.AckLost) ? SimEvent.ReportsUncertain : offset;
        simulation.Schedule(Delay(profile.NetworkDelay), new SimEvent(SimEventKind.Report, next.Instance, next.Subject, report));
    }

    /// <summary>Says where the log ends; a deposed leader says to a read where it ended before.</summary>
    public long EndFor(object subject)
    {
        if (subject is SimRead read && Happens(profile.Misled))
        {
            simulation.Count(Happening.ReadWasMisled);
            read.IsMisled = true;
            return random.Below(simulation.Log.Count + 1);
        }

        return simulation.Log.Count;
    }

    public int Delay(int limit) => simulation.IsCalm ? 1 : random.Between(1, limit);

    private SimRecord RecordOf(object subject) => subject is Attempt attempt
        ? new SimRecord(attempt.Header, simulation.Now, ((SimAppend)attempt.Append).Call, SentAt: _sent[attempt])
        : new SimRecord((FrameHeader)subject, simulation.Now, null);

    private bool Happens(int percent) => !simulation.IsCalm && random.Chance(percent);
}
