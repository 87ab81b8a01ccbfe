using System.Globalization;
using System.Text;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The frame of a pending append, as it was sent, with a base that may rise.</summary>
internal sealed class PendingFrame : IFrameBytes
{
    private readonly byte[] _frame;
    private readonly Range _base;

    private PendingFrame(byte[] frame, Range @base, int count) => (_frame, _base, Count) = (frame, @base, count);

    public int Count { get; }

    public int Size => _frame.Length;

    /// <summary>Takes the frame of a pending append, which may come from another process, and finds its base.</summary>
    /// <exception cref="ArgumentException">The bytes are no frame, or not that append's: sent again they would do harm.</exception>
    public static PendingFrame Parse(StreamKey stream, PendingAppend pending)
    {
        var frame = pending.Frame.ToArray();

        if (FrameReader.Read(stream, frame, out var header) is { } fault)
        {
            throw new ArgumentException($"The frame of pending append {pending.Id} is none: {fault.Reason}.", nameof(pending));
        }

        if (header.AppendId != pending.Id || header.FirstVersion != pending.FirstVersion || header.Count != pending.Count)
        {
            throw new ArgumentException(
                $"The frame of pending append {pending.Id} at version {pending.FirstVersion} (+{pending.Count}) is that of append {header.AppendId} at version {header.FirstVersion} (+{header.Count}).",
                nameof(pending));
        }

        return new(frame, BinaryFrameFormat.IsMarked(frame) ? default : FindBase(frame), header.Count);
    }

    // The version was chosen when the frame was first sent, and is in the bytes already.
    public byte[] Build(long firstVersion, long @base) => BinaryFrameFormat.IsMarked(_frame)
        ? BinaryFrameFormat.Rebase(_frame, @base)
        : [.. _frame[.._base.Start], .. Encoding.ASCII.GetBytes(@base.ToString(CultureInfo.InvariantCulture)), .. _frame[_base.End..]];

    /// <summary>Returns where the digits of the base are in a frame in layout <c>cloudevents</c>.</summary>
    private static Range FindBase(ReadOnlySpan<byte> frame)
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
        var start = (int)reader.TokenStartIndex + 1;
        return start..(start + reader.ValueSpan.Length);
    }
}
