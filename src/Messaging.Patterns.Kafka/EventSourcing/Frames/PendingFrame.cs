using System.Globalization;
using System.Text;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The frame of a pending append, as it was sent, with a base that may rise.</summary>
internal sealed class PendingFrame : IFrameBytes
{
    private readonly byte[] _before;
    private readonly byte[] _after;

    private PendingFrame(byte[] before, byte[] after) => (_before, _after) = (before, after);

    public int Size => _before.Length + _after.Length;

    /// <summary>Takes the frame of a pending append, which may come from another process, and finds its base.</summary>
    /// <exception cref="ArgumentException">The bytes are no frame, or not that append's: sent again they would do harm.</exception>
    public static PendingFrame Parse(StreamKey stream, PendingAppend pending)
    {
        if (CloudEventsFrameReader.Read(stream, pending.Frame.Span, out var header) is { } fault)
        {
            throw new ArgumentException($"The frame of pending append {pending.Id} is none: {fault.Reason}.", nameof(pending));
        }

        if (header.AppendId != pending.Id || header.FirstVersion != pending.FirstVersion || header.Count != pending.Count)
        {
            throw new ArgumentException(
                $"The frame of pending append {pending.Id} at version {pending.FirstVersion} (+{pending.Count}) is that of append {header.AppendId} at version {header.FirstVersion} (+{header.Count}).",
                nameof(pending));
        }

        return Split(pending.Frame.Span);
    }

    // The version was chosen when the frame was first sent, and is in the bytes already.
    public byte[] Build(long firstVersion, long @base) =>
        [.. _before, .. Encoding.ASCII.GetBytes(@base.ToString(CultureInfo.InvariantCulture)), .. _after];

    private static PendingFrame Split(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame, FrameFormat.Json);
        reader.Read();
        var depth = reader.TokenType == JsonTokenType.StartArray ? 2 : 1;

        // Data, which lies deeper, may have a field of that name too.
        while (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != depth || !reader.ValueTextEquals(FrameFormat.LogBase))
        {
            reader.Read();
        }

        reader.Read();
        var (start, length) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        return new(frame[..start].ToArray(), frame[(start + length)..].ToArray());
    }
}
