using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>The clients: they call and read at any instance, repeat calls, and resolve what stayed unknown.</summary>
internal sealed class SimClients(PartitionSimulation simulation, SimRandom random, SimProfile profile)
{
    public const int Count = 3;

    // The position up to which each client has seen or written: its session.
    private readonly long[] _sessions = new long[Count];

    public void SawUpTo(long position, int client) => _sessions[client] = Math.Max(_sessions[client], position);

    public void Call()
    {
        var instance = simulation.Live();
        var unknown = simulation.Calls.Find(call => call.Answer is { Kind: DecisionKind.Unknown } && call.Resolutions.Count == 0);

        if (unknown is not null && random.Chance(30))
        {
            Submit(instance, new SimAppend(unknown, unknown.Answer!.Value) { HasFrame = random.Chance(80) });
            return;
        }

        var call = simulation.Calls.Count > 0 && random.Chance(profile.Repeated) ? Repeat(random.Pick(simulation.Calls)) : NewCall(instance);
        simulation.Calls.Add(call);
        simulation.Note($"{call} is made at instance {instance.Number}");
        Submit(instance, new SimAppend(call));
    }

    public void Read()
    {
        var client = random.Below(Count);
        var kind = random.Pick([SimReadKind.Session, SimReadKind.Session, SimReadKind.Strong, SimReadKind.Linearizable]);
        simulation.Live().Reads.Begin(new SimRead
        {
            Stream = new StreamKey((UInt128)(random.Below(profile.Streams) + 1)),
            Client = client,
            Kind = kind,
            From = kind == SimReadKind.Session ? _sessions[client] : null,
            InvokedAt = simulation.Now,
        });
    }

    private void Submit(SimInstance instance, SimAppend append)
    {
        simulation.Schedule(random.Between(0, profile.Deadline), new SimEvent(SimEventKind.GiveUp, instance, append, random.Below(2)));
        instance.Submit(append);
    }

    private SimCall NewCall(SimInstance instance)
    {
        var stream = new StreamKey((UInt128)(random.Below(profile.Streams) + 1));
        return new SimCall
        {
            Number = simulation.Calls.Count,
            Stream = stream,
            Id = new AppendId(new Guid(simulation.Calls.Count + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
            Expected = Expectation(instance.Fold.Versions[stream]),
            Count = random.Pick([1, 1, 2, 3]),
            InvokedAt = simulation.Now,
        };
    }

    private SimCall Repeat(SimCall first)
    {
        first.IsRepeated = true;
        return new SimCall
        {
            Number = simulation.Calls.Count,
            Stream = first.Stream,
            Id = first.Id,
            Expected = random.Chance(80) ? first.Expected : ExpectedVersion.Any,
            Count = first.Count,
            InvokedAt = simulation.Now,
            IsRepeated = true,
        };
    }

    private ExpectedVersion Expectation(long version) => random.Below(10) switch
    {
        _ when profile.IsHot => ExpectedVersion.Any,
        < 4 => ExpectedVersion.Any,
        4 => ExpectedVersion.Exists,
        5 => ExpectedVersion.NoStream,
        6 => ExpectedVersion.Exactly(version + random.Between(1, 3)),
        7 => ExpectedVersion.Exactly(random.Below((int)version + 1)),
        _ => ExpectedVersion.Exactly(version),
    };
}
