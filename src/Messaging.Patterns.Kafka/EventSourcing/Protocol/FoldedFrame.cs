namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>A frame and its place in the log.</summary>
/// <param name="Offset">The offset.</param>
/// <param name="Header">The frame.</param>
internal readonly record struct FoldedFrame(long Offset, FrameHeader Header);
