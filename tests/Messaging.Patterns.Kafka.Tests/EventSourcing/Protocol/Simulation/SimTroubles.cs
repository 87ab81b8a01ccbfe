using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>What befalls instances and the log: checkpoints, barriers, new producers, resting tails, crashes, restarts, and the loss of records.</summary>
internal sealed class SimTroubles(PartitionSimulation simulation, SimRandom random, SimProfile profile)
{
    private readonly List<SimCheckpoint> _checkpoints = [];

    public IReadOnlyList<SimCheckpoint> Checkpoints => _checkpoints;

    /// <summary>Now and then: a checkpoint, a barrier of a process that starts, a new producer, a resting tail, a crash and a new instance.</summary>
    public void Happen()
    {
        var instance = simulation.Live();

        if (instance.Writer.Fault is not null)
        {
            Crash(instance);
            return;
        }

        if (random.Chance(30))
        {
            Save(instance);
        }

        if (random.Chance(5) && simulation.IsSound(instance))
        {
            AppendBarrier(instance.Writer.Position);
        }

        if (random.Chance(profile.Rest))
        {
            instance.Follower.Rest();
        }

        if (random.Chance(profile.ProducerReplaced))
        {
            simulation.Note($"instance {instance.Number} replaces its producer");
            simulation.Count(Happening.ProducerReplaced);
            instance.Writer.ProducerReplaced();
        }

        if (random.Chance(profile.Crash))
        {
            Crash(instance);
        }
    }

    /// <summary>The log loses its newest records, or all of them; others may take their offsets at once, also late copies of those that were lost.</summary>
    public void Lose()
    {
        if (simulation.Log.Count == 0)
        {
            return;
        }

        var isAll = random.Chance(10);
        var from = isAll ? 0 : Math.Max(0, simulation.Log.Count - random.Pick([1, 1, 2, 3, 5]));
        List<SimRecord> lost = [.. simulation.Log.Records.Skip(from)];
        simulation.Lose(from);
        simulation.Count(isAll ? Happening.LostAll : Happening.LostTail);

        foreach (var record in lost)
        {
            if (random.Chance(profile.LostComesBack) && record.Frame is { } frame)
            {
                if (record.Call is { } call)
                {
                    call.IsStray |= frame.Base > from;
                }

                simulation.Append(record with { LandedAt = simulation.Now });
            }
            else if (random.Chance(profile.LostComesBack))
            {
                AppendBarrier(from);
            }
        }
    }

    /// <summary>Restores instances from checkpoints that hold what is lost: they must notice.</summary>
    public void RestoreLost()
    {
        foreach (var checkpoint in _checkpoints.Where(HoldsLost).TakeLast(2))
        {
            simulation.Count(Happening.LossBeforeRestore);
            simulation.Start(checkpoint);
        }
    }

    /// <summary>Lets the log grow beyond everything that anybody has folded or read.</summary>
    public void Regrow()
    {
        var furthest = simulation.Instances.Max(instance => instance.FurthestKnown);

        for (var i = 0; i < 3 || simulation.Log.Count <= furthest + 1; i++)
        {
            AppendBarrier(simulation.Log.Count);
        }
    }

    public bool HoldsLost(SimCheckpoint checkpoint) => SimInstance.DifferencesTo(checkpoint.Folded, checkpoint.Data.Next, simulation.Log).Any();

    public void Save(SimInstance instance) => _checkpoints.Add(SimCheckpoint.Of(instance));

    /// <summary>Ends an instance, perhaps just after it saved what it had, and starts another from any checkpoint or from nothing.</summary>
    public void Crash(SimInstance instance)
    {
        simulation.Note($"instance {instance.Number} crashes");
        simulation.Count(Happening.Crashed);

        if (random.Chance(30))
        {
            Save(instance);
        }

        simulation.Remove(instance);
        var from = SimCheckpoint.Nothing;

        if (_checkpoints.Count > 0 && random.Chance(60))
        {
            simulation.Count(Happening.RestoredFromCheckpoint);
            from = random.Pick(_checkpoints);
        }

        simulation.Start(from);
    }

    private void AppendBarrier(long position) => simulation.Append(
        new SimRecord(new FrameHeader(default, new AppendId(Guid.AllBitsSet), 0, 0, position, PartitionSimulation.Partitions), simulation.Now, null));
}
