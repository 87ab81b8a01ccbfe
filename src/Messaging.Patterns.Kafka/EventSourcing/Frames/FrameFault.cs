namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Why the bytes of a record are not a frame.</summary>
/// <param name="Reason">What was expected and what was found.</param>
/// <param name="IsNewer">Whether it is a frame of a newer log version, at which every reader must stop.</param>
internal sealed record FrameFault(string Reason, bool IsNewer = false);
