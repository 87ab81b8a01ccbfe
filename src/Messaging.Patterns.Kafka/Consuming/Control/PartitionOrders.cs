namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What the control topic says of one partition, as far as it is read. An order's epoch is its offset. Pure; the caller locks.</summary>
/// <remarks>Reading a record again changes nothing, and of acknowledgements the highest counts: a former owner's may come late.</remarks>
internal sealed class PartitionOrders
{
    private readonly SortedDictionary<long, long> _skips = [];

    /// <summary>Gets the last rewind that was asked, and its epoch.</summary>
    public (long Epoch, ControlEntry.Rewind Order)? Rewind { get; private set; }

    /// <summary>Gets the last pause that was asked, or the end of one, and its epoch.</summary>
    public (long Epoch, ControlEntry.Pause Order)? Pause { get; private set; }

    /// <summary>Gets the epoch of the newest order, -1 if there is none.</summary>
    public long Newest { get; private set; } = -1;

    /// <summary>Gets the newest acknowledgement.</summary>
    public ControlEntry.Acknowledgement Done { get; private set; } = new(-1, -1, 0);

    /// <summary>Gets whether a rewind is asked that no owner has done.</summary>
    public bool IsRewindPending => Rewind is { } rewind && rewind.Epoch > Done.Epoch;

    /// <summary>Gets whether the partition is to rest.</summary>
    public bool IsPaused => Pause is { Order.IsPaused: true };

    /// <summary>Gets the offsets of the records that are to be passed over: those of which that was asked after the rewind that holds.</summary>
    public IEnumerable<long> Skips => _skips.Where(skip => skip.Value > Done.Rewound).Select(skip => skip.Key);

    /// <summary>Takes a record in.</summary>
    /// <param name="offset">Its offset in the control topic.</param>
    /// <param name="entry">What it says.</param>
    public void Apply(long offset, ControlEntry entry)
    {
        if (entry is ControlEntry.Acknowledgement done)
        {
            Done = done.Epoch > Done.Epoch ? done : Done;
            return;
        }

        if (offset <= Newest)
        {
            return;
        }

        Newest = offset;

        switch (entry)
        {
            case ControlEntry.Rewind rewind:
                Rewind = (offset, rewind);
                break;
            case ControlEntry.Pause pause:
                Pause = (offset, pause);
                break;
            case ControlEntry.Skip skip:
                _skips[skip.Offset] = offset;
                break;
        }
    }
}
