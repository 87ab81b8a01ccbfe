using System.Buffers.Text;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Reads what a frame in layout <c>cloudevents</c> says of itself: one CloudEvent, or a JSON batch of several.</summary>
/// <remarks>A pure function of the record's bytes, read whole, so that all readers take the same records for frames.</remarks>
internal static class CloudEventsFrameReader
{
    public static FrameFault? Read(StreamKey stream, ReadOnlySpan<byte> value, out FrameHeader header)
    {
        header = default;
        var fields = default(Fields);

        try
        {
            var reader = new Utf8JsonReader(value, FrameFormat.Json);
            reader.Read();

            if (reader.TokenType == JsonTokenType.StartArray)
            {
                ReadBatch(ref reader, ref fields);
            }
            else
            {
                ReadEvent(ref reader, ref fields);
            }

            return reader.Read() ? new FrameFault("there is more than one JSON value") : fields.ToHeader(stream, out header);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return fields.FindNewer() ?? new FrameFault($"it is not a CloudEvent in JSON: {exception.Message}");
        }
    }

    /// <summary>Returns the append id of a frame that was read before; none of what is no frame. It is one of the first fields, where this library writes them.</summary>
    public static AppendId AppendIdOf(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame, FrameFormat.Json);

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.ValueTextEquals(FrameFormat.AppendId))
            {
                return new AppendId(ReadGuid(ref reader));
            }

            reader.Read();
            reader.Skip();
        }

        return default;
    }

    /// <summary>Returns whether a record is JSON whose first event says a log version, as every frame does; whether it is a frame is for <see cref="Read"/> to say.</summary>
    public static bool NamesLogVersion(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value, FrameFormat.Json);
            reader.Read();

            if (reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Read();
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            var isNamed = false;

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                isNamed |= reader.ValueTextEquals(FrameFormat.LogVersionName);
                reader.Read();
                reader.Skip();
            }

            return isNamed;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void ReadBatch(ref Utf8JsonReader reader, ref Fields fields)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadEvent(ref reader, ref fields);
        }
    }

    private static void ReadEvent(ref Utf8JsonReader reader, ref Fields fields)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException($"expected an object, but found {reader.TokenType}");
        }

        fields.BeginEvent();

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!fields.TryReadOfEvent(ref reader) && !fields.TryReadOfFrame(ref reader))
            {
                reader.Read();
                reader.Skip();
            }
        }

        fields.EndEvent();
    }

    private static long ReadInt64(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        var digits = reader.ValueSpan;
        return reader.TokenType == JsonTokenType.String && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && digits is not [(byte)'0', _, ..]
            && Utf8Parser.TryParse(digits, out long number, out _)
            ? number
            : throw new FormatException($"'{name}' is not a whole number in a string, without sign and leading zeros");
    }

    private static int ReadInt32(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number > 0
            ? number
            : throw new FormatException($"'{name}' is not a whole number above 0");
    }

    private static Guid ReadGuid(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && Utf8Parser.TryParse(reader.ValueSpan, out Guid guid, out var used, 'N')
            && used == reader.ValueSpan.Length && guid != Guid.Empty
            ? guid
            : throw new FormatException("'appendid' is not 32 hexadecimal digits");
    }

    private static bool ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty;
    }

    private ref struct Fields
    {
        private long? _firstVersion;
        private long? _version;
        private long? _base;
        private int? _logVersion;
        private int? _partitions;
        private Guid? _appendId;
        private bool _isVersionOne;
        private bool _hasId;
        private bool _hasSource;
        private bool _hasType;
        private bool _isBarrier;

        public int Count { get; private set; }

        public void BeginEvent() => (_version, _isVersionOne, _hasId, _hasSource, _hasType) = (null, false, false, false, false);

        public bool TryReadOfEvent(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals(FrameFormat.StreamVersion))
            {
                _version = ReadInt64(ref reader, "streamversion");
            }
            else if (reader.ValueTextEquals("specversion"u8))
            {
                _isVersionOne = ReadText(ref reader) && reader.ValueTextEquals("1.0"u8);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                _hasId = ReadText(ref reader);
            }
            else if (reader.ValueTextEquals("source"u8))
            {
                _hasSource = ReadText(ref reader);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                _hasType = ReadText(ref reader);
                _isBarrier |= reader.ValueTextEquals(FrameFormat.BarrierType);
            }
            else
            {
                return false;
            }

            return true;
        }

        /// <summary>Reads a field that only the first event of a frame carries.</summary>
        public bool TryReadOfFrame(ref Utf8JsonReader reader)
        {
            if (Count > 0)
            {
                return false;
            }

            if (reader.ValueTextEquals(FrameFormat.LogBase))
            {
                _base = ReadInt64(ref reader, "logbase");
            }
            else if (reader.ValueTextEquals(FrameFormat.LogVersionName))
            {
                _logVersion = ReadInt32(ref reader, "logversion");
            }
            else if (reader.ValueTextEquals(FrameFormat.LogPartitions))
            {
                _partitions = ReadInt32(ref reader, "logpartitions");
            }
            else if (reader.ValueTextEquals(FrameFormat.AppendId))
            {
                _appendId = ReadGuid(ref reader);
            }
            else
            {
                return false;
            }

            return true;
        }

        public void EndEvent()
        {
            _firstVersion ??= _version;

            if (!_isVersionOne || !_hasId || !_hasSource || !_hasType || _version is null)
            {
                throw new FormatException($"event {Count + 1} of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'");
            }

            if (_version != _firstVersion + Count)
            {
                throw new FormatException($"event {Count + 1} of the frame has 'streamversion' {_version} instead of {_firstVersion + Count}");
            }

            Count++;
        }

        public readonly FrameFault? FindNewer() => _logVersion > FrameHeader.LogVersion
            ? new FrameFault($"it has log version {_logVersion}, and this library knows {FrameHeader.LogVersion}: update the library", IsNewer: true)
            : null;

        public readonly FrameFault? ToHeader(StreamKey stream, out FrameHeader header)
        {
            header = default;

            if (FindNewer() is { } newer)
            {
                return newer;
            }

            if (_logVersion is null || _base is null || _partitions is null || _appendId is null || _firstVersion is null)
            {
                return new FrameFault("one of 'logversion', 'logbase', 'logpartitions', 'appendid', 'streamversion' is missing");
            }

            if (_isBarrier != (_firstVersion == 0) || (_isBarrier && Count != 1))
            {
                return new FrameFault($"'streamversion' {_firstVersion} does not fit its type: only a barrier, alone, has 0");
            }

            header = new FrameHeader(stream, new AppendId(_appendId.Value), _firstVersion.Value, _isBarrier ? 0 : Count, _base.Value, _partitions.Value);
            return null;
        }
    }
}
