using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What the owner of a partition does next.</summary>
internal abstract record ControlStep
{
    /// <summary>It waits: for the control topic to be read, or for what it was told before.</summary>
    internal sealed record Wait : ControlStep
    {
        public static Wait Instance { get; } = new();
    }

    /// <summary>It goes on as it is.</summary>
    internal sealed record Continue : ControlStep
    {
        public static Continue Instance { get; } = new();
    }

    /// <summary>It gives out nothing more, lets handlers end or cancels them, and whatever they still report does not count.</summary>
    internal sealed record Quiesce : ControlStep
    {
        public static Quiesce Instance { get; } = new();
    }

    /// <summary>It sets the position where it is kept, durably, unless it was set for that epoch before.</summary>
    /// <param name="Target">The offset.</param>
    /// <param name="Epoch">The rewind's epoch.</param>
    internal sealed record SetPosition(long Target, long Epoch) : ControlStep;

    /// <summary>It says that the orders are done, and waits until that is durable.</summary>
    /// <param name="Entry">What it says.</param>
    /// <param name="IsRefusal">Whether a rewind among the orders is not carried out, and never will be.</param>
    internal sealed record Acknowledge(ControlEntry.Acknowledgement Entry, bool IsRefusal) : ControlStep;

    /// <summary>It gives the partition a position where that is kept, unless there is one by now.</summary>
    /// <param name="Position">The position.</param>
    internal sealed record Place(StoredPosition Position) : ControlStep;

    /// <summary>It looks once more at the position where that is kept.</summary>
    /// <param name="Epoch">The epoch of the rewind that is done, and that the position does not know.</param>
    internal sealed record Look(long Epoch) : ControlStep;

    /// <summary>It gives out records, from where its position is kept.</summary>
    /// <param name="Seen">The epoch of the newest order that it then heeds.</param>
    /// <param name="Epoch">The epoch of its events.</param>
    /// <param name="ReplayUntil">Events before this offset are replays.</param>
    /// <param name="Skips">The records to pass over.</param>
    internal sealed record Begin(long Seen, long Epoch, long ReplayUntil, IReadOnlySet<long> Skips) : ControlStep;

    /// <summary>It rests until it is told otherwise.</summary>
    /// <param name="Seen">The epoch of the newest order that it then heeds.</param>
    internal sealed record Rest(long Seen) : ControlStep;

    /// <summary>It cannot go on: its position is of an epoch that the control topic does not know, so this is another topic.</summary>
    /// <param name="Epoch">The epoch.</param>
    internal sealed record Stop(long Epoch) : ControlStep;

    /// <summary>It cannot go on: the position is from before a rewind that is done, so what it is kept in has lost something.</summary>
    /// <param name="Stored">The position.</param>
    /// <param name="Epoch">The epoch of that rewind.</param>
    internal sealed record Lost(StoredPosition Stored, long Epoch) : ControlStep;
}
