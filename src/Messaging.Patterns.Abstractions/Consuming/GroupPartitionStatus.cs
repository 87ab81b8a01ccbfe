namespace Messaging.Patterns.Consuming;

/// <summary>How a partition of a consumer group stands.</summary>
public sealed record GroupPartitionStatus
{
    /// <summary>Gets the topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition's number.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the first offset that the partition still holds.</summary>
    public required long First { get; init; }

    /// <summary>Gets the offset from which the group goes on, as it is committed; <see langword="null"/> when it committed nothing, and begins at <see cref="First"/>.</summary>
    public long? Committed { get; init; }

    /// <summary>Gets the offset at which the partition ends.</summary>
    public required long End { get; init; }

    /// <summary>Gets how many records lie between commit and end; of a compacted topic at most.</summary>
    /// <remarks>The commit follows what is handled by the group's <c>CommitInterval</c>, 1 second unless changed.</remarks>
    public long Lag => Math.Max(0, End - Math.Max(First, Committed ?? 0));

    /// <summary>Gets the age of the first record that is not committed: that record is read, and its own time compared with the clock of whoever asked.</summary>
    /// <value>Zero when there is none, or when its time lies ahead; <see langword="null"/> when it could not be read within 5 seconds.</value>
    public TimeSpan? LagTime { get; init; }

    /// <summary>Gets the instance that has the partition, as it said itself; <see langword="null"/> when none has said so, or it gave the partition up.</summary>
    /// <remarks>After a crash the name stays until the next owner says that it is one. Only groups with <c>AddConsumerGroupControl</c> say it.</remarks>
    public string? Owner { get; init; }

    /// <summary>Gets whether the group is told to pause here.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Gets why the partition stopped, as its owner said; <see langword="null"/> if it did not.</summary>
    public string? Stopped { get; init; }

    /// <summary>Gets the offset at which it stopped, where one is known.</summary>
    public long? StoppedAt { get; init; }

    /// <summary>Gets the keys that stand still because an event of theirs failed, as the owner said not longer than some seconds ago: those that failed first, at most 20.</summary>
    public IReadOnlyList<ParkedKey> Parked { get; init; } = [];

    /// <summary>Gets how many such keys there are.</summary>
    public int ParkedKeys { get; init; }

    /// <summary>Gets the last rewind that was asked; <see langword="null"/> if there was none.</summary>
    public RewoundPartition? Rewind { get; init; }
}
