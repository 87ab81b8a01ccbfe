using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The frame of a pending append, as it was sent, with a base that may rise.</summary>
internal sealed class PendingFrame : IFrameBytes
{
    private readonly byte[] _before;
    private readonly byte[] _after;

    private PendingFrame(byte[] before, byte[] after) => (_before, _after) = (before, after);

    /// <summary>Finds the base in a frame.</summary>
    /// <exception cref="FormatException">The bytes are no frame.</exception>
    public static PendingFrame Parse(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);

        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(FrameFormat.LogBase))
                {
                    reader.Read();
                    var (start, length) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                    return new(frame[..start].ToArray(), frame[(start + length)..].ToArray());
                }
            }
        }
        catch (JsonException exception)
        {
            throw new FormatException("The pending append's frame is not JSON.", exception);
        }

        throw new FormatException("The pending append's frame has no 'logbase'.");
    }

    // The version was chosen when the frame was first sent, and is in the bytes already.
    public byte[] Build(long firstVersion, long @base) =>
        [.. _before, .. Encoding.ASCII.GetBytes(@base.ToString(CultureInfo.InvariantCulture)), .. _after];
}
