namespace Messaging.Patterns.Publishing;

/// <summary>An event as a record in binary mode holds it.</summary>
/// <param name="Value">The data, empty if the event has none.</param>
/// <param name="Headers">The headers.</param>
public sealed record BinaryEvent(byte[] Value, IReadOnlyList<RecordHeader> Headers);
