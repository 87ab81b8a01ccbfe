using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What a frame (one record of an event topic, one append) says about itself; all the protocol ever looks at.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="AppendId">The append.</param>
/// <param name="FirstVersion">The version that the first event has if the frame is accepted.</param>
/// <param name="Count">The number of events; 0 for a barrier.</param>
/// <param name="Base">The next offset that the writer had to fold when it chose <paramref name="FirstVersion"/>: its fold of everything before ended at the version before.</param>
/// <param name="Partitions">The partition count of the topic as the writer knew it.</param>
internal readonly record struct FrameHeader(StreamKey Stream, AppendId AppendId, long FirstVersion, int Count, long Base, int Partitions)
{
    /// <summary>The version of the rules in this folder. It never changes for an existing topic.</summary>
    public const int LogVersion = 1;

    /// <summary>Gets the version of the last event if the frame is accepted.</summary>
    public long LastVersion => FirstVersion + Count - 1;

    /// <summary>Gets whether the frame holds no events: it takes an offset and changes nothing.</summary>
    public bool IsBarrier => Count <= 0;

    public override string ToString() => $"append {AppendId} at version {FirstVersion} (+{Count}) of stream {Stream}";
}
