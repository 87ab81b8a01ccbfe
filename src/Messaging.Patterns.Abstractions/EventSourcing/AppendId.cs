using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Messaging.Patterns.EventSourcing;

/// <summary>Names one append, so that repeating it answers the first result instead of appending twice.</summary>
/// <remarks>
/// 128 bits, written as a <see cref="Guid"/>. The default is "no id": the store then draws one. A caller that may repeat an append (an HTTP retry, a
/// redelivered event) gives the same id each time, usually by <see cref="From(string)"/> of the request's or event's id. The id counts within one stream.
/// </remarks>
/// <param name="Value">The 128 bits; <see cref="Guid.Empty"/> means "no id".</param>
public readonly record struct AppendId(Guid Value)
{
    /// <summary>Gets whether there is no id.</summary>
    public bool IsEmpty => Value == Guid.Empty;

    /// <summary>Returns a new id that no other append has (UUID version 7).</summary>
    /// <param name="time">The clock that gives the id's time part.</param>
    public static AppendId New(TimeProvider? time = null) => new(TimeOrderedId.Create((time ?? TimeProvider.System).GetUtcNow()));

    /// <summary>Returns the id that stands for a text: the same text always gives the same id.</summary>
    /// <param name="text">The text; a <see cref="Guid"/> in any of its usual forms stands for itself, any other text for a hash of it (UUID version 8, SHA-256).</param>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public static AppendId From(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Guid.TryParse(text, out var guid) && guid != Guid.Empty ? new(guid) : new(Hash(text));
    }

    /// <summary>Returns the id of one of the append's events that was given without one, so that a repeated append carries the same event ids.</summary>
    /// <param name="index">The event's place in the append, 0 for the first.</param>
    /// <returns>The 32 hexadecimal digits of the append's id, followed from the second event on by <c>-</c> and its place.</returns>
    public string ToEventId(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return index == 0 ? ToString() : string.Create(CultureInfo.InvariantCulture, $"{Value:N}-{index}");
    }

    /// <summary>Returns whether an event's id is one that this append gives.</summary>
    /// <param name="eventId">The event's id.</param>
    public bool IsSourceOf(string eventId)
    {
        ArgumentNullException.ThrowIfNull(eventId);
        return eventId.StartsWith(ToString(), StringComparison.Ordinal) && (eventId.Length == 32 || eventId[32] == '-');
    }

    /// <summary>Returns the 32 hexadecimal digits of the id.</summary>
    public override string ToString() => Value.ToString("N");

    private static Guid Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        var bytes = hash[..16];
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)((BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x0FFF) | 0x8000));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
