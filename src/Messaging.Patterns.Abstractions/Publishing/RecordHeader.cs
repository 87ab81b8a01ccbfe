namespace Messaging.Patterns.Publishing;

/// <summary>A header of a record.</summary>
/// <param name="Name">The name. Several headers may share one.</param>
/// <param name="Value">The bytes, UTF-8 by custom.</param>
public sealed record RecordHeader(string Name, ReadOnlyMemory<byte> Value);
