namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>A look back for an earlier frame of the same stream and first version.</summary>
/// <param name="From">The first offset to read.</param>
/// <param name="To">The offset to stop before.</param>
/// <param name="Stream">The stream to look for.</param>
/// <param name="FirstVersion">The first version to look for.</param>
internal readonly record struct FrameScan(long From, long To, StreamKey Stream, long FirstVersion)
{
    /// <summary>Returns whether a frame read in the range is one that was looked for; one is enough.</summary>
    public bool IsFoundIn(in FrameHeader frame) => !frame.IsBarrier && frame.Stream == Stream && frame.FirstVersion == FirstVersion;
}
