namespace Messaging.Patterns.Chaos.Harness;

/// <summary>The offsets that a consumer group had committed at some time.</summary>
/// <param name="At">When they were known, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
/// <param name="Next">The offset of each partition.</param>
internal sealed record Committed(long At, IReadOnlyDictionary<int, long> Next)
{
    /// <summary>Gets the end of the group's topic of dead letters, as it was known right after.</summary>
    public long SetAside { get; init; }

    /// <summary>Gets the ends of the partitions of the group's retry topic, as they were known right after.</summary>
    public IReadOnlyDictionary<int, long> Redirected { get; init; } = new Dictionary<int, long>();
}
