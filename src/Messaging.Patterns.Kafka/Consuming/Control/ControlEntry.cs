using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What a record of the control topic says of a partition.</summary>
internal abstract record ControlEntry
{
    /// <summary>What somebody asks of the partition's owner, whoever that is when it is read.</summary>
    /// <param name="Operation">The call by which it was asked, perhaps of other partitions too.</param>
    internal abstract record Order(string Operation) : ControlEntry;

    /// <summary>The group is to go on from an offset.</summary>
    /// <param name="Operation">The call.</param>
    /// <param name="Partitions">Of how many partitions the call asks it.</param>
    /// <param name="Target">The offset.</param>
    /// <param name="Handled">Everything before this offset was handled when it was asked.</param>
    /// <param name="Asked">When it was asked.</param>
    internal sealed record Rewind(string Operation, int Partitions, long Target, long Handled, DateTimeOffset Asked) : Order(Operation);

    /// <summary>The group is to handle nothing of the partition, or to go on.</summary>
    /// <param name="Operation">The call.</param>
    /// <param name="IsPaused">Whether it is to pause.</param>
    internal sealed record Pause(string Operation, bool IsPaused) : Order(Operation);

    /// <summary>A record is to be passed over, until the partition is rewound.</summary>
    /// <param name="Operation">The call.</param>
    /// <param name="Offset">The record's offset.</param>
    internal sealed record Skip(string Operation, long Offset) : Order(Operation);

    /// <summary>An owner has done what was asked, durably.</summary>
    /// <param name="Epoch">Every order up to this offset of the control topic is done.</param>
    /// <param name="Rewound">The epoch of the rewind that holds, -1 if there was none.</param>
    /// <param name="ReplayUntil">Everything before this offset was handled before that rewind.</param>
    internal sealed record Acknowledgement(long Epoch, long Rewound, long ReplayUntil) : ControlEntry;

    /// <summary>What an owner says of itself. Nothing is decided by it.</summary>
    /// <param name="Owner">Who has the partition; <see langword="null"/> from one that gave it up.</param>
    /// <param name="Stopped">Why the partition stopped; <see langword="null"/> if it did not.</param>
    /// <param name="StoppedAt">The offset that is not handled then, where one is known.</param>
    /// <param name="ParkedKeys">How many keys stand still.</param>
    /// <param name="Parked">Those that failed first.</param>
    internal sealed record Report(string? Owner, string? Stopped, long? StoppedAt, int ParkedKeys, IReadOnlyList<ParkedKey> Parked) : ControlEntry;
}
