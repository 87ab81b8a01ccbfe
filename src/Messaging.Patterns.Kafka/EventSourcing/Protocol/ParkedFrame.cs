namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>A frame of our own that was acknowledged beyond the fold's position.</summary>
/// <param name="Header">The frame.</param>
/// <param name="Attempt">The copy of an append; <see langword="null"/> for a barrier.</param>
internal readonly record struct ParkedFrame(FrameHeader Header, Attempt? Attempt);
