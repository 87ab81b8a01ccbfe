namespace Messaging.Patterns.EventSourcing;

/// <summary>How fresh a read must be.</summary>
public readonly record struct ReadConsistency
{
    private ReadConsistency(bool strong, Position? position) => (IsStrong, Position) = (strong, position);

    /// <summary>Gets the read of what this process holds already. This is the default; it never waits once the store has caught up at its start.</summary>
    public static ReadConsistency Local => default;

    /// <summary>Gets the read that sees every append acknowledged before the read began, to whichever instance.</summary>
    /// <remarks>On Kafka it asks the partition's leader for its end and waits for it; a deposed leader that does not know it yet can answer an older end.</remarks>
    public static ReadConsistency Strong => new(strong: true, null);

    /// <summary>Gets whether the read sees every append acknowledged before it began.</summary>
    public bool IsStrong { get; }

    /// <summary>Gets the position that the read waits for, or <see langword="null"/>.</summary>
    public Position? Position { get; }

    /// <summary>Returns the read that waits until this process holds everything up to a position: read your own writes.</summary>
    /// <param name="position">The position, from an append or an earlier read.</param>
    public static ReadConsistency Session(Position position)
    {
        ArgumentNullException.ThrowIfNull(position);
        return new(strong: false, position);
    }
}
