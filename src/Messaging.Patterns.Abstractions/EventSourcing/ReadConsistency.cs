namespace Messaging.Patterns.EventSourcing;

/// <summary>How fresh a read must be.</summary>
public readonly record struct ReadConsistency
{
    private ReadConsistency(bool strong, bool linearizable, Position? position) => (IsStrong, IsLinearizable, Position) = (strong, linearizable, position);

    /// <summary>Gets the read of what this process holds already. This is the default; it never waits once the store has caught up at its start.</summary>
    public static ReadConsistency Local => default;

    /// <summary>Gets the read that sees every append acknowledged before the read began, to whichever instance.</summary>
    /// <remarks>On Kafka it asks the partition's leader for its end and waits for it; a deposed leader that does not know it yet can answer an older end.</remarks>
    public static ReadConsistency Strong => new(strong: true, linearizable: false, null);

    /// <summary>Gets the read that sees every append acknowledged before the read began, whatever brokers and network are going through meanwhile.</summary>
    /// <remarks>
    /// <para>
    /// On Kafka it writes a barrier, a record without events, behind everything acknowledged before, and waits until this process has folded it. A deposed
    /// leader cannot acknowledge the barrier, so the promise rests on the log contract alone. It is needed where a stale answer does harm and no append at the
    /// version that was read follows, which would find out by itself.
    /// </para>
    /// <para>
    /// Cost: the latency of an append, and a record of about 350 bytes that stays in the log for good and is folded by every instance. Reads of a partition that
    /// begin while a barrier is on its way share the next one. The process needs the right to write to the topic, also if it only reads.
    /// </para>
    /// <para>
    /// Limits: an append whose outcome nobody knows yet may be missing. When brokers do not answer, the read fails as transient at the store's time limit for reads.
    /// </para>
    /// </remarks>
    public static ReadConsistency Linearizable => new(strong: true, linearizable: true, null);

    /// <summary>Gets whether the read sees every append acknowledged before it began: <see cref="Strong"/> or <see cref="Linearizable"/>.</summary>
    public bool IsStrong { get; }

    /// <summary>Gets whether the read is <see cref="Linearizable"/>.</summary>
    public bool IsLinearizable { get; }

    /// <summary>Gets the position that the read waits for, or <see langword="null"/>.</summary>
    public Position? Position { get; }

    /// <summary>Returns the read that waits until this process holds everything up to a position: read your own writes.</summary>
    /// <param name="position">The position, from an append or an earlier read.</param>
    public static ReadConsistency Session(Position position)
    {
        ArgumentNullException.ThrowIfNull(position);
        return new(strong: false, linearizable: false, position);
    }
}
