using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Messaging.Patterns.TestServers;

/// <summary>A frame in layout <c>binary</c>, read by nothing but docs/formats.md.</summary>
internal static class ForeignBinaryFrame
{
    private const int EventTag = 2;

    public static bool IsOne(ReadOnlySpan<byte> value) => value.StartsWith([(byte)0xFC, (byte)0x4D, (byte)0x50]);

    public static LoggedFrame Parse(int partition, long offset, string stream, ReadOnlySpan<byte> value)
    {
        var first = BinaryPrimitives.ReadInt64BigEndian(value[8..]);
        var append = Convert.ToHexStringLower(value[24..40]);
        var events = new List<LoggedEvent>();
        var left = value[BinaryPrimitives.ReadInt32BigEndian(value[48..])..];

        for (var index = 0; index < BinaryPrimitives.ReadInt32BigEndian(value[44..]); index++)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(left);
            var (id, text) = ReadEvent(left.Slice(12, size - 8));
            var derived = index == 0 ? append : string.Create(CultureInfo.InvariantCulture, $"{append}-{index}");
            events.Add(new LoggedEvent(first + index, id ?? derived, text));
            left = left[(4 + size)..];
        }

        return new LoggedFrame(partition, offset, stream, append, BinaryPrimitives.ReadInt64BigEndian(value[16..]), IsAccepted: false, events);
    }

    private static (string? Id, string Text) ReadEvent(ReadOnlySpan<byte> left)
    {
        string? id = null;

        while (left[0] != 0)
        {
            var tag = left[0];
            left = left[1..];
            var length = ReadLength(ref left);
            id = tag == EventTag ? Encoding.UTF8.GetString(left[..length]) : id;
            left = left[length..];
        }

        using var data = JsonDocument.Parse(left[1..].ToArray());
        return (id, data.RootElement.GetProperty("text").GetString()!);
    }

    private static int ReadLength(ref ReadOnlySpan<byte> left)
    {
        for (var (length, shift) = (0, 0); ; shift += 7)
        {
            var one = left[0];
            left = left[1..];
            length |= (one & 0x7F) << shift;

            if (one < 0x80)
            {
                return length;
            }
        }
    }
}
