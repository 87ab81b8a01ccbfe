namespace Messaging.Patterns.EventSourcing;

/// <summary>An event whose payload is already, or still, serialized: for tools, copies and callers with a serializer of their own.</summary>
/// <remarks>Give one to <see cref="EventData"/> to store bytes as they are; get one from a read with <see cref="StreamReadOptions.Raw"/>.</remarks>
/// <param name="Type">The event's type name.</param>
/// <param name="Data">The serialized payload, valid in the content type. The bytes must not change afterwards.</param>
/// <param name="ContentType">The media type of the payload, such as <c>application/json</c>.</param>
public sealed record RawEvent(string Type, ReadOnlyMemory<byte> Data, string ContentType = "application/json");
