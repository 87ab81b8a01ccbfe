using System.Buffers.Binary;
using System.Text;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Texts that come again and again, such as event type names: made once, as long as there are not too many of them.</summary>
internal static class KnownTexts
{
    private const int Slots = 512;
    private const int MaxLength = 100;

    // An entry never changes, and whoever does not see another's makes the same one.
    private static readonly Entry?[] Entries = new Entry?[Slots];

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is < sizeof(uint) or > MaxLength)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var entry = ref Entries[SlotOf(utf8)];

        if (Volatile.Read(ref entry) is { } known && utf8.SequenceEqual(known.Utf8))
        {
            return known.Text;
        }

        var text = Encoding.UTF8.GetString(utf8);
        Volatile.Write(ref entry, new Entry(utf8.ToArray(), text));
        return text;
    }

    // Names begin and end alike, but seldom both, with the same length.
    private static uint SlotOf(ReadOnlySpan<byte> utf8)
    {
        var (begin, middle, end) = (
            BinaryPrimitives.ReadUInt32LittleEndian(utf8), BinaryPrimitives.ReadUInt32LittleEndian(utf8[((utf8.Length - 4) / 2)..]), BinaryPrimitives.ReadUInt32LittleEndian(utf8[^4..]));
        return ((begin * 0x9E3779B1) ^ (middle * 0x85EBCA77) ^ (end * 0xC2B2AE3D) ^ (uint)utf8.Length) * 0x27D4EB2F >> 23;
    }

    private sealed record Entry(byte[] Utf8, string Text);
}
