using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>A partition as a member has it, and the step that is under way. For the poller alone.</summary>
internal sealed class OwnedPartition(PartitionControl control, PartitionPosition? position, GroupPartition current)
{
    private Task? _underWay;
    private Action? _then;

    public PartitionControl Control { get; } = control;

    /// <summary>Gets its position where that is kept outside of Kafka; <see langword="null"/> where it is not.</summary>
    public PartitionPosition? Position { get; } = position;

    /// <summary>Gets or sets what records are given out of, in this generation.</summary>
    public GroupPartition Current { get; set; } = current;

    /// <summary>Gets or sets whether the end of the control topic is known, as it was after the partition came.</summary>
    public bool IsEndKnown { get; set; }

    /// <summary>Gets or sets whether its orders cannot be carried out.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Gets whether a step is under way.</summary>
    public bool IsBusy => _underWay is { IsCompleted: false };

    /// <summary>This is stored of its position: the group goes on from there.</summary>
    public void Found(StoredPosition? stored)
    {
        Position?.Found(stored);
        Current.Offsets = Position is null ? Current.Offsets : Current.Offsets with { Position = Position.From(Current.Committed) };
    }

    /// <summary>A step begins.</summary>
    /// <param name="step">The step.</param>
    /// <param name="then">What follows on the poller's thread when it is done.</param>
    public void Start(Task step, Action then) => (_underWay, _then) = (step, then);

    /// <summary>A step begins that finds something out.</summary>
    /// <param name="step">The step.</param>
    /// <param name="then">What follows on the poller's thread when it is known.</param>
    public void Start<T>(Task<T> step, Action<T> then) => Start(step, () => then(step.GetAwaiter().GetResult()));

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
