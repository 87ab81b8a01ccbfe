using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>A partition as a member has it, and the step that is under way. For the poller alone.</summary>
internal sealed class OwnedPartition(PartitionControl control, GroupPartition current)
{
    private Task? _underWay;
    private Action? _then;

    public PartitionControl Control { get; } = control;

    /// <summary>Gets or sets what records are given out of, in this generation.</summary>
    public GroupPartition Current { get; set; } = current;

    /// <summary>Gets or sets whether the end of the control topic is known, as it was after the partition came.</summary>
    public bool IsEndKnown { get; set; }

    /// <summary>Gets or sets the position as it is stored, <see langword="null"/> if there is none or it is not known yet.</summary>
    public StoredPosition? Stored { get; set; }

    /// <summary>Gets or sets whether the position was read again, since it was of an epoch before the one that holds.</summary>
    public bool IsLookedAgain { get; set; }

    /// <summary>Gets or sets whether its orders cannot be carried out.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Gets whether a step is under way.</summary>
    public bool IsBusy => _underWay is { IsCompleted: false };

    /// <summary>A step begins.</summary>
    /// <param name="step">The step.</param>
    /// <param name="then">What follows on the poller's thread when it is done.</param>
    public void Start(Task step, Action then) => (_underWay, _then) = (step, then);

    /// <summary>Lets follow what follows a step that is done. Returns why it is not.</summary>
    public Exception? End()
    {
        var (done, then) = (_underWay, _then);
        (_underWay, _then) = (null, null);

        if (done?.Exception?.InnerException is { } failure)
        {
            return failure;
        }

        if (done is { IsCompletedSuccessfully: true })
        {
            then?.Invoke();
        }

        return null;
    }
}
