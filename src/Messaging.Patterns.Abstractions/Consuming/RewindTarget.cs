namespace Messaging.Patterns.Consuming;

/// <summary>From where a consumer group is to go on.</summary>
public sealed record RewindTarget
{
    private RewindTarget()
    {
    }

    /// <summary>Gets the target that is the first record that the topic still holds.</summary>
    public static RewindTarget Beginning { get; } = new() { AtOffset = 0 };

    /// <summary>Gets the target that is the end of the topic: whatever is there when it is planned is passed over.</summary>
    public static RewindTarget End { get; } = new() { AtOffset = long.MaxValue };

    /// <summary>Gets the offset in every partition; a partition that does not reach so far goes on from the nearest that it has.</summary>
    public long? AtOffset { get; private init; }

    /// <summary>Gets the time: a partition goes on from its first record of then or later, by the record's own time.</summary>
    public DateTimeOffset? AtTime { get; private init; }

    /// <summary>Gets how long before the moment at which it is planned.</summary>
    public TimeSpan? Ago { get; private init; }

    /// <summary>Returns the target that is an offset.</summary>
    /// <param name="offset">The offset, 0 or more.</param>
    public static RewindTarget Offset(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new() { AtOffset = offset };
    }

    /// <summary>Returns the target that is a time.</summary>
    /// <param name="time">The time.</param>
    public static RewindTarget At(DateTimeOffset time) => new() { AtTime = time };

    /// <summary>Returns the target that lies some time before the moment at which it is planned.</summary>
    /// <param name="duration">How long before; not negative.</param>
    public static RewindTarget Back(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return new() { Ago = duration };
    }
}
