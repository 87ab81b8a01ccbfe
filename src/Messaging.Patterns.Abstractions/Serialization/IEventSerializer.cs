using System.Buffers;

namespace Messaging.Patterns.Serialization;

/// <summary>Turns payloads into bytes and back. The default is System.Text.Json; implement it to plug in another format.</summary>
public interface IEventSerializer
{
    /// <summary>Gets the media type of the bytes, such as <c>application/json</c>.</summary>
    string ContentType { get; }

    /// <summary>Writes a payload's bytes.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="output">Where to write.</param>
    /// <exception cref="EventSerializationException">The payload cannot be written.</exception>
    void Serialize(object payload, IBufferWriter<byte> output);

    /// <summary>Reads a payload.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="type">The type of the payload.</param>
    /// <returns>The payload, never <see langword="null"/>.</returns>
    /// <exception cref="EventSerializationException">The bytes are not a payload of that type.</exception>
    object Deserialize(ReadOnlyMemory<byte> data, Type type);
}
