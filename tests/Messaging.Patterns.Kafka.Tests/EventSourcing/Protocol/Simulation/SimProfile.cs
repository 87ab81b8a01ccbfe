namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>How bad the world is in one history: drawn from the seed, so that calm, slow and wild ones all occur. Chances are percentages.</summary>
internal sealed record SimProfile
{
    public int Writers { get; private init; }

    public int Streams { get; private init; }

    public int Calls { get; private init; }

    public int WindowCapacity { get; private init; }

    /// <summary>Gets the chance of a repeated append id; 0 with a small window, which promises nothing about repeats that left it.</summary>
    public int Repeated { get; private init; }

    public int NetworkDelay { get; private init; }

    public int TailDelay { get; private init; }

    public int CallSpan { get; private init; }

    public int Lost { get; private init; }

    public int Refused { get; private init; }

    public int Duplicated { get; private init; }

    public int AckLost { get; private init; }

    public int ControlRecord { get; private init; }

    public int Crash { get; private init; }

    public int ProducerReplaced { get; private init; }

    public int Rest { get; private init; }

    public int Deadline { get; private init; }

    /// <summary>Gets whether the log loses its newest records once, or all of them.</summary>
    public bool IsLossy { get; private init; }

    /// <summary>Gets the chance that a lost record, or a late copy, fills the place of another.</summary>
    public int LostComesBack { get; private init; }

    /// <summary>Gets the chance that a tail cannot seek when it is to wake.</summary>
    public int SeekFails { get; private init; }

    /// <summary>Gets the chance that a deposed leader, which does not know of the newest records, says where the log ends.</summary>
    public int Misled { get; private init; }

    /// <summary>Gets how many frames are kept to be compared when a tail rests.</summary>
    public int KeptWhileResting { get; private init; }

    /// <summary>Gets whether everybody wants one stream, at any version.</summary>
    public bool IsHot { get; private init; }

    /// <summary>Draws how many appends an instance remembers. Instances may differ, unless that would break what is promised of repeats.</summary>
    public int DrawWindow(SimRandom random) => Repeated == 0 ? random.Between(1, 2 * WindowCapacity) : random.Pick([WindowCapacity, 500]);

    public static SimProfile Draw(SimRandom random)
    {
        var smallWindow = random.Chance(20);
        var isHot = random.Chance(5);
        var wild = random.Pick([0, 1, 1, 2, 3]);
        return new SimProfile
        {
            IsHot = isHot,
            Writers = isHot ? 3 : random.Between(1, 3),
            Streams = isHot ? 1 : random.Pick([1, 1, 2, 3]),
            Calls = isHot ? 25 : random.Between(4, 14),
            WindowCapacity = smallWindow ? random.Between(1, 3) : 10_000,
            Repeated = smallWindow ? 0 : 20,
            NetworkDelay = random.Pick([1, 3, 10, 40]),
            TailDelay = random.Pick([1, 3, 10, 60]),
            CallSpan = isHot ? 60 : random.Pick([2, 10, 60, 200]),
            Lost = 4 * wild,
            Refused = 4 * wild,
            Duplicated = 8 * wild,
            AckLost = 8 * wild,
            ControlRecord = random.Pick([0, 5, 15]),
            Crash = 5 * wild,
            ProducerReplaced = 4 * wild,
            Rest = random.Pick([0, 10, 40]),
            IsLossy = random.Chance(25),
            LostComesBack = random.Pick([0, 20, 60]),
            SeekFails = random.Pick([0, 0, 40]),
            Misled = random.Pick([0, 0, 30]),
            KeptWhileResting = random.Pick([1, 2, 4, 256]),
            Deadline = isHot ? 300 : random.Pick([10, 40, 300]),
        };
    }
}
