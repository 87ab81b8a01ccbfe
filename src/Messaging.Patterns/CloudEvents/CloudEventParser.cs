using System.Text;
using System.Text.Json;

namespace Messaging.Patterns.CloudEvents;

/// <summary>Reads one event from a JSON object.</summary>
internal struct CloudEventParser(ReadOnlyMemory<byte> json, CloudEventAttributeFilter? leaveOut)
{
    private const string DefaultContentType = "application/json";

    private string? _specVersion;
    private string? _id;
    private string? _source;
    private string? _type;
    private string? _subject;
    private DateTimeOffset? _time;
    private string? _contentType;
    private string? _schema;
    private string? _traceParent;
    private string? _traceState;
    private ReadOnlyMemory<byte> _data;
    private bool _isTextData;
    private bool _isBase64;
    private long _start;
    private Dictionary<string, string>? _extensions;

    public CloudEvent Parse(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new CloudEventFormatException($"Expected a JSON object at byte {reader.TokenStartIndex}, but found {reader.TokenType}.");
        }

        _start = reader.TokenStartIndex;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref reader);
        }

        return Build();
    }

    private static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    // Saves making a text of what is nearly always the same.
    private static string? ReadText(ref Utf8JsonReader reader, ReadOnlySpan<byte> usual, string text)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(usual) ? text : reader.GetString();
    }

    private static string? ReadValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            JsonTokenType.Null => null,
            _ => throw new CloudEventFormatException($"Expected a string, a number or a boolean as extension attribute at byte {reader.TokenStartIndex}, but found {reader.TokenType}."),
        };
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("data"u8))
        {
            ReadData(ref reader);
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            _id = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("type"u8))
        {
            _type = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("source"u8))
        {
            _source = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("specversion"u8))
        {
            _specVersion = ReadText(ref reader, "1.0"u8, "1.0");
        }
        else if (reader.ValueTextEquals("time"u8))
        {
            reader.Read();
            _time = reader.TokenType == JsonTokenType.Null ? null : reader.GetDateTimeOffset();
        }
        else
        {
            ReadOptionalMember(ref reader);
        }
    }

    private void ReadOptionalMember(ref Utf8JsonReader reader)
    {
        if (leaveOut is not null && leaveOut(ref reader))
        {
            reader.Skip();
        }
        else if (reader.ValueTextEquals("datacontenttype"u8))
        {
            _contentType = ReadText(ref reader, "application/json"u8, DefaultContentType);
        }
        else if (reader.ValueTextEquals("subject"u8))
        {
            _subject = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("dataschema"u8))
        {
            _schema = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("traceparent"u8))
        {
            _traceParent = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("tracestate"u8))
        {
            _traceState = ReadText(ref reader);
        }
        else if (reader.ValueTextEquals("data_base64"u8))
        {
            ReadBase64(ref reader);
        }
        else
        {
            ReadExtension(ref reader);
        }
    }

    private void ReadExtension(ref Utf8JsonReader reader)
    {
        var name = reader.GetString()!;

        if (ReadValue(ref reader) is { } value)
        {
            (_extensions ??= new(StringComparer.Ordinal))[name] = value;
        }
    }

    private void ReadData(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        _isTextData = reader.TokenType == JsonTokenType.String;

        if (reader.TokenType != JsonTokenType.Null)
        {
            ThrowIfSecondData();
            reader.Skip();
            _data = json[start..(int)reader.BytesConsumed];
        }
    }

    private void ReadBase64(ref Utf8JsonReader reader)
    {
        reader.Read();

        if (reader.TokenType != JsonTokenType.Null)
        {
            ThrowIfSecondData();
            _data = reader.GetBytesFromBase64();
            _isBase64 = true;
        }
    }

    private readonly void ThrowIfSecondData()
    {
        if (_isBase64 || !_data.IsEmpty)
        {
            throw new CloudEventFormatException($"The CloudEvent at byte {_start} has its data twice.");
        }
    }

    private readonly CloudEvent Build()
    {
        if (Require(_specVersion, "specversion") != "1.0")
        {
            throw new CloudEventFormatException($"Expected 'specversion' 1.0 in the CloudEvent at byte {_start}, but found '{_specVersion}'.");
        }

        var contentType = string.IsNullOrEmpty(_contentType) ? DefaultContentType : _contentType;
        return new CloudEvent
        {
            Id = Require(_id, "id"),
            Source = Require(_source, "source"),
            Type = Require(_type, "type"),
            Subject = _subject,
            Time = _time,
            DataContentType = contentType,
            DataSchema = _schema,
            // What is not JSON may stand in 'data' as a JSON string: its text is the data.
            Data = _isTextData && !CloudEventJson.IsJson(contentType) ? Encoding.UTF8.GetBytes(Unescape(_data)) : _data,
            TraceParent = _traceParent,
            TraceState = _traceState,
            Extensions = _extensions ?? (IReadOnlyDictionary<string, string>)System.Collections.Frozen.FrozenDictionary<string, string>.Empty,
        };
    }

    private static string Unescape(ReadOnlyMemory<byte> text)
    {
        var reader = new Utf8JsonReader(text.Span);
        reader.Read();
        return reader.GetString()!;
    }

    private readonly string Require(string? value, string name) =>
        string.IsNullOrEmpty(value) ? throw new CloudEventFormatException($"The CloudEvent at byte {_start} lacks '{name}', or it is empty.") : value;
}
