namespace Messaging.Patterns.EventSourcing;

/// <summary>An event whose payload is already, or still, serialized: for tools, copies and callers with a serializer of their own.</summary>
/// <remarks>Give one to <see cref="EventData"/> to store bytes as they are; get one from a read with <see cref="StreamReadOptions.Raw"/>.</remarks>
/// <param name="Type">The event's type name, not empty.</param>
/// <param name="Data">The serialized payload, valid in the content type. The bytes must not change afterwards.</param>
/// <param name="ContentType">The media type of the payload, such as <c>application/json</c>; not empty.</param>
/// <exception cref="ArgumentException">The type name or the content type is empty.</exception>
public sealed record RawEvent(string Type, ReadOnlyMemory<byte> Data, string ContentType = "application/json")
{
    /// <summary>Gets the event's type name, not empty.</summary>
    public string Type { get; init => field = NotEmpty(value, nameof(Type)); } = NotEmpty(Type, nameof(Type));

    /// <summary>Gets the media type of the payload, not empty.</summary>
    public string ContentType { get; init => field = NotEmpty(value, nameof(ContentType)); } = NotEmpty(ContentType, nameof(ContentType));

    private static string NotEmpty(string value, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, name);
        return value;
    }
}
