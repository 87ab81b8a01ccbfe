namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>An accepted frame as a stream store gives it back.</summary>
/// <param name="Stream">The stream id.</param>
/// <param name="Offset">Its offset in the partition.</param>
/// <param name="LastVersion">The version of its last event.</param>
/// <param name="Value">The record's value, as in Kafka.</param>
internal readonly record struct StoredFrame(string Stream, long Offset, long LastVersion, byte[] Value);
