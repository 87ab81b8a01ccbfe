using System.Buffers.Binary;
using System.Text.Unicode;
using static Messaging.Patterns.Kafka.EventSourcing.Frames.BinaryFrameFormat;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Walks over the events of a frame in layout <c>binary</c>, checking each, without making anything of it.</summary>
/// <remarks>The fold and the readers of events walk the same way, so that whatever was folded can be read.</remarks>
/// <param name="frame">The record's value.</param>
/// <param name="start">Where the events begin.</param>
internal ref struct BinaryEvents(ReadOnlySpan<byte> frame, int start)
{
    private static readonly long FirstTime = -DateTime.UnixEpoch.Ticks;
    private static readonly long LastTime = DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks;

    private readonly ReadOnlySpan<byte> _frame = frame;
    private int _next = start;
    private long _time;

    /// <summary>Gets how many events were passed, this one included.</summary>
    public int Count { get; private set; }

    /// <summary>Gets why there is no next event; <see langword="null"/> at the end of the frame.</summary>
    public string? Fault { get; private set; }

    /// <summary>Gets the event type name.</summary>
    public ReadOnlySpan<byte> Type { get; private set; }

    /// <summary>Gets the event's id; empty if it is the one that follows from the append's.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>Gets the media type of the data; empty for JSON.</summary>
    public ReadOnlySpan<byte> ContentType { get; private set; }

    /// <summary>Gets the fields with metadata, to be walked over with <see cref="BinaryFields"/>.</summary>
    public ReadOnlySpan<byte> Metadata { get; private set; }

    /// <summary>Gets where in the frame the data is.</summary>
    public Range Data { get; private set; }

    /// <summary>Gets when the event happened.</summary>
    public readonly DateTimeOffset Time => new(DateTime.UnixEpoch.Ticks + _time, TimeSpan.Zero);

    /// <summary>Splits a metadata field.</summary>
    public static void Split(ReadOnlySpan<byte> field, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = field.Slice(1, field[0]);
        value = field[(1 + field[0])..];
    }

    /// <summary>Goes to the next event.</summary>
    public bool MoveNext()
    {
        if (_next == _frame.Length)
        {
            return false;
        }

        Count++;
        var left = _frame[_next..];

        if (left.Length < EventSizeSize || BinaryPrimitives.ReadInt32BigEndian(left) is var size && (size < TimeSize || size > left.Length - EventSizeSize))
        {
            return Refuse("does not fit into the record");
        }

        var bytes = left.Slice(EventSizeSize, size);
        _time = BinaryPrimitives.ReadInt64BigEndian(bytes);

        if (_time < FirstTime || _time > LastTime || !TryReadFields(bytes[TimeSize..], out var fieldsSize))
        {
            return Refuse("has no type, no time of this calendar, or a field that is not as it must be");
        }

        var data = _next + EventSizeSize + TimeSize + fieldsSize;
        _next += EventSizeSize + size;
        Data = data.._next;
        return true;
    }

    private bool TryReadFields(ReadOnlySpan<byte> bytes, out int size)
    {
        Type = Id = ContentType = Metadata = default;
        size = 0;
        var fields = new BinaryFields(bytes);
        var firstMetadata = -1;

        while (!fields.TryReadEnd())
        {
            var (begin, before) = (fields.Next, fields.Tag);

            if (!fields.TryRead() || !Take(fields.Tag, fields.Value, isRepeated: before == fields.Tag))
            {
                return false;
            }

            if (fields.Tag == EventField.Metadata)
            {
                firstMetadata = firstMetadata < 0 ? begin : firstMetadata;
                Metadata = bytes[firstMetadata..fields.Next];
            }
        }

        size = fields.Next;
        return !Type.IsEmpty;
    }

    private bool Take(byte tag, ReadOnlySpan<byte> value, bool isRepeated)
    {
        switch (tag)
        {
            case EventField.Type:
                Type = value;
                return !isRepeated && IsText(value);
            case EventField.Id:
                Id = value;
                return !isRepeated && IsText(value);
            case EventField.ContentType:
                ContentType = value;
                return !isRepeated && IsText(value);
            case EventField.Metadata:
                return IsText(value) && value[0] > 0 && value[0] < value.Length && IsText(value[1..]);
            default:
                return true;
        }
    }

    private static bool IsText(ReadOnlySpan<byte> value) => !value.IsEmpty && Utf8.IsValid(value);

    private bool Refuse(string reason)
    {
        Fault = $"event {Count} of the frame {reason}";
        return false;
    }
}
