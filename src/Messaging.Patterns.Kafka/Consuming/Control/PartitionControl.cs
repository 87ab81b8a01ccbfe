namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>
/// How the owner of a partition carries out orders: one assignment. It reads the control topic to its end before it gives out anything; on an order it stops,
/// sets the position, acknowledges, and goes on, in this sequence. Pure: it says what to do next and is told when that is done; the caller locks.
/// </summary>
/// <remarks>
/// A crash between setting the position and acknowledging makes the next owner set it again, to the same offset: nothing was given out in between. A crash
/// after acknowledging leaves a position that is set. So every rewind begins exactly once, whoever owns the partition.
/// </remarks>
/// <param name="orders">What the control topic says of the partition.</param>
/// <param name="position">The position where it is kept outside of Kafka, <see langword="null"/> where it is not.</param>
/// <param name="refuses">Whether it does not go back, since a handler refuses that.</param>
internal sealed class PartitionControl(PartitionOrders orders, PartitionPosition? position = null, bool refuses = false)
{
    private Phase _phase = Phase.Behind;
    private long _mustRead = long.MaxValue;
    private long _stored = -1;
    private long _seen = -1;
    private long _set = -1;
    private long _replayUntil;

    private enum Phase
    {
        Behind,
        Settled,
        Quiescing,
        Quiet,
    }

    /// <summary>Gets whether records may be given out.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The control topic's end is known, as it was after the partition came; before, orders could be missed that a former owner did not carry out.</summary>
    /// <remarks>What is stored was looked at before: what a former owner stores after that is of an epoch that lies before the end.</remarks>
    /// <param name="end">The end.</param>
    public void Came(long end) => (_mustRead, _stored) = (end, position?.Epoch ?? -1);

    /// <summary>Returns what to do next; the same again until it is told that it is done.</summary>
    /// <param name="read">Up to where the control topic is read.</param>
    /// <param name="committed">Everything before this offset of the partition was handled at some time, <see langword="null"/> for nothing.</param>
    public ControlStep Next(long read, long? committed)
    {
        if (_phase == Phase.Behind && read >= _mustRead)
        {
            _phase = Phase.Quiet;
        }

        return _phase switch
        {
            Phase.Settled when orders.Newest > _seen => Quiesce(),
            Phase.Settled => ControlStep.Continue.Instance,
            Phase.Quiet => Decide(committed),
            _ => ControlStep.Wait.Instance,
        };
    }

    /// <summary>Nothing is being handled any more, and what may be committed is.</summary>
    public void Quiesced() => _phase = Phase.Quiet;

    /// <summary>The position is set, durably.</summary>
    public void Set(ControlStep.SetPosition step) => _set = step.Epoch;

    /// <summary>The acknowledgement is durable.</summary>
    public void Acknowledged(ControlStep.Acknowledge step) => orders.Apply(step.Entry.Epoch, step.Entry);

    /// <summary>Records are given out.</summary>
    public void Begun(ControlStep.Begin step) => (_phase, IsRunning, _seen) = (Phase.Settled, true, step.Seen);

    /// <summary>The partition rests.</summary>
    public void Rested(ControlStep.Rest step) => (_phase, _seen) = (Phase.Settled, step.Seen);

    private ControlStep.Quiesce Quiesce()
    {
        (_phase, IsRunning) = (Phase.Quiescing, false);
        return ControlStep.Quiesce.Instance;
    }

    private ControlStep Decide(long? committed)
    {
        var (seen, rewind, handled) = (orders.Newest, orders.Rewind, committed ?? 0);

        if (_stored > (rewind?.Epoch ?? -1))
        {
            return new ControlStep.Stop(_stored);
        }

        // What is refused is acknowledged, with the rewind that held before.
        var (isPending, isRefused) = (orders.IsRewindPending, orders.IsRewindPending && refuses && rewind!.Value.Order.Target < handled);

        if (isPending && !isRefused && _set != rewind!.Value.Epoch)
        {
            // What was handled before stays a replay when the partition is rewound once more in the middle, or set once more.
            _replayUntil = new[] { _replayUntil, orders.Done.ReplayUntil, rewind.Value.Order.Handled, handled }.Max();
            return new ControlStep.SetPosition(rewind.Value.Order.Target, rewind.Value.Epoch);
        }

        if (seen > orders.Done.Epoch)
        {
            return new ControlStep.Acknowledge(isPending && !isRefused ? new(seen, _set, _replayUntil) : orders.Done with { Epoch = seen }, isRefused);
        }

        return orders.IsPaused
            ? new ControlStep.Rest(seen)
            : position?.Before(Math.Max(0, orders.Done.Rewound), committed) ?? new ControlStep.Begin(seen, orders.Done.Rewound, orders.Done.ReplayUntil, orders.Skips.ToHashSet());
    }
}
