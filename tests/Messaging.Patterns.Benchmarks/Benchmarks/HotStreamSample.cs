namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>What writers got done on one stream.</summary>
/// <param name="PerSecond">Appends of all of them.</param>
/// <param name="LastShare">The part of the last writer.</param>
/// <param name="WorstMs">How long the longest append of anybody took.</param>
internal readonly record struct HotStreamSample(double PerSecond, double LastShare, double WorstMs)
{
    public override string ToString() => FormattableString.Invariant($"{PerSecond,6:N0}/s share {LastShare,4:P0} worst {WorstMs,6:N0} ms");
}
