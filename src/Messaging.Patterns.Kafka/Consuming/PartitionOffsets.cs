namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Where a group is in a partition, as its owner knows it. Pure.</summary>
/// <remarks>
/// The two differ where the position is kept outside of Kafka: a member that was killed may have stored what it did not commit any more, and a backup that is restored takes back
/// what was committed. The position counts; the commit is what Kafka's tools see.
/// </remarks>
/// <param name="Position">Everything before it is handled, durably; <see langword="null"/> for nothing.</param>
/// <param name="Commit">What the brokers hold; <see langword="null"/> for nothing.</param>
internal sealed record PartitionOffsets(long? Position, long? Commit)
{
    /// <summary>Returns the offsets of a group that goes on from its commit.</summary>
    /// <param name="committed">The commit, <see langword="null"/> for none.</param>
    public static PartitionOffsets At(long? committed) => new(committed, committed);

    /// <summary>Returns what is to be committed, <see langword="null"/> for nothing.</summary>
    /// <param name="handled">Everything before it is handled, <see langword="null"/> while the log has not told anything from the position on.</param>
    /// <remarks>
    /// What a former owner stored and did not commit is committed once the log has been read from there, lest nobody does before the next record comes. Not before: a log that was
    /// recreated may end before the position. Where the position is behind the commit, the commit goes back with it, by what is handled next.
    /// </remarks>
    public long? Due(long? handled) => handled > Math.Min(Position ?? -1, Commit ?? -1) ? handled : null;
}
