namespace Messaging.Patterns.Chaos.Harness;

/// <summary>The offsets that a consumer group had committed at some time.</summary>
/// <param name="At">When they were known, by the clock of <see cref="System.Diagnostics.Stopwatch"/>.</param>
/// <param name="Next">The offset of each partition.</param>
internal sealed record Committed(long At, IReadOnlyDictionary<int, long> Next)
{
    /// <summary>Gets the end of the group's topic of dead letters, as it was known right after.</summary>
    public long SetAside { get; init; }
}
