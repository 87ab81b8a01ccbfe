namespace Messaging.Patterns.EventSourcing;

/// <summary>A place at which a store does not hold what another one holds.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version.</param>
/// <param name="Expected">What the source holds there, in words.</param>
/// <param name="Found">What the target holds there, in words.</param>
public sealed record EventDifference(StreamId Stream, long Version, string Expected, string Found)
{
    /// <summary>Returns the difference as a sentence.</summary>
    public override string ToString() => $"stream '{Stream}', version {Version}: expected {Expected}, but found {Found}";
}
