using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Serialization;

/// <summary>Turns events into their type name and bytes, and back: registered types, upcasters and the serializer together.</summary>
public sealed class EventCodec
{
    private readonly IEventSerializer _serializer;
    private readonly AddedEventSerializer[] _added;
    private readonly FrozenDictionary<Type, IEventSerializer> _writers;
    private readonly FrozenDictionary<string, Type> _types;
    private readonly FrozenDictionary<string, IEventUpcaster> _upcasters;
    private readonly FrozenDictionary<Type, EventConversion> _conversions;
    private readonly ConcurrentDictionary<Type, string?> _names = new();
    private readonly int _maxDepth;

    /// <summary>Initializes a codec.</summary>
    /// <param name="options">The event types.</param>
    /// <param name="serializer">The serializer; the default writes JSON as the options say.</param>
    /// <param name="added">Serializers for some types or media types; the default is none.</param>
    /// <exception cref="OptionsValidationException">The options have faults; all are listed.</exception>
    public EventCodec(EventTypeOptions options, IEventSerializer? serializer = null, IEnumerable<AddedEventSerializer>? added = null)
    {
        ArgumentNullException.ThrowIfNull(options);

        if (new EventTypeOptionsValidator().Validate(null, options) is { Failed: true } faults)
        {
            throw new OptionsValidationException(nameof(EventTypeOptions), typeof(EventTypeOptions), faults.Failures);
        }

        _serializer = serializer ?? new SystemTextJsonEventSerializer(options.Json);
        _added = [.. added ?? []];
        _writers = WritersOf(_added);
        _types = options.Types.ToFrozenDictionary(type => EventTypeOptionsValidator.NameOf(type)!, StringComparer.Ordinal);
        _upcasters = options.Upcasters.ToFrozenDictionary(upcaster => upcaster.FromType, StringComparer.Ordinal);
        _conversions = options.Conversions.ToFrozenDictionary();
        _maxDepth = options.Json.MaxDepth;
    }

    /// <summary>Returns the media type of the bytes that <see cref="Encode"/> writes of a payload.</summary>
    /// <param name="payload">The payload.</param>
    public string ContentTypeOf(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return payload is RawEvent raw ? raw.ContentType : WriterOf(payload.GetType()).ContentType;
    }

    /// <summary>Returns whether events of a stored type name can be decoded.</summary>
    /// <param name="type">The event type name.</param>
    public bool Knows(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _types.ContainsKey(type) || _upcasters.ContainsKey(type);
    }

    /// <summary>Returns the event type name of a payload.</summary>
    /// <param name="payload">An object of a registered event type, or a <see cref="RawEvent"/>.</param>
    /// <exception cref="UnknownEventTypeException">The type is not registered.</exception>
    public string GetTypeName(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return payload is RawEvent raw ? raw.Type : GetTypeName(payload.GetType());
    }

    /// <summary>Returns the event type name of a CLR type.</summary>
    /// <param name="type">The CLR type.</param>
    /// <exception cref="UnknownEventTypeException">The type is not registered.</exception>
    public string GetTypeName(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _names.GetOrAdd(type, static (type, types) => EventTypeOptionsValidator.NameOf(type) is { } name && types.GetValueOrDefault(name) == type ? name : null, _types)
            ?? throw new UnknownEventTypeException(
                type.FullName ?? type.Name,
                $"'{type}' is not a registered event type. Declare its name with [EventType(\"...\")] and register it with AddEventType<{type.Name}>() or AddEventTypes<{type.Name}>().");
    }

    /// <summary>Returns the CLR type that events of a stored type name are decoded to, or <see langword="null"/> when the name is unknown.</summary>
    /// <param name="type">The event type name.</param>
    public Type? FindClrType(string type)
    {
        ArgumentNullException.ThrowIfNull(type);

        while (_upcasters.TryGetValue(type, out var upcaster))
        {
            type = upcaster.ToType;
        }

        var found = _types.GetValueOrDefault(type);

        while (found is not null && _conversions.TryGetValue(found, out var conversion))
        {
            found = conversion.To;
        }

        return found;
    }

    /// <summary>Writes the bytes of a payload; those of a <see cref="RawEvent"/> are taken as they are. What says that it is JSON is checked to be.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="output">Where to write.</param>
    /// <exception cref="EventSerializationException">The payload cannot be written.</exception>
    public void Encode(object payload, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(output);

        if (payload is RawEvent raw)
        {
            WriteChecked(raw.Type, raw.ContentType, raw.Data.Span, output);
        }
        else if (WriterOf(payload.GetType()) is var writer && writer is SystemTextJsonEventSerializer)
        {
            writer.Serialize(payload, output);
        }
        else
        {
            var data = new ArrayBufferWriter<byte>();
            writer.Serialize(payload, data);
            WriteChecked(payload.GetType().ToString(), writer.ContentType, data.WrittenSpan, output);
        }
    }

    /// <summary>Reads a payload, upcast to the newest registered type.</summary>
    /// <param name="type">The stored event type name.</param>
    /// <param name="contentType">The media type of the bytes.</param>
    /// <param name="data">The bytes.</param>
    /// <exception cref="UnknownEventTypeException">The type name is not registered.</exception>
    /// <exception cref="EventSerializationException">The bytes are not a payload of that type.</exception>
    public object Decode(string type, string contentType, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(contentType);

        var (name, reader) = (type, ReaderOf(type, contentType));

        if (_upcasters.ContainsKey(name))
        {
            (name, data) = Upcast(name, data);
        }

        if (!_types.TryGetValue(name, out var clr))
        {
            throw new UnknownEventTypeException(
                type, $"Event type '{type}' is not registered. Register its class with AddEventType<T>(), or an upcaster that reads it.");
        }

        return Convert(reader.Deserialize(data, clr));
    }

    private static FrozenDictionary<Type, IEventSerializer> WritersOf(AddedEventSerializer[] added)
    {
        var writers = new Dictionary<Type, IEventSerializer>();

        foreach (var (serializer, type) in added.SelectMany(one => one.Types.Select(type => (one.Serializer, type))))
        {
            if (!writers.TryAdd(type, serializer))
            {
                throw new MessagingException($"Events of type '{type}' are written by '{writers[type].GetType()}' and by '{serializer.GetType()}'. Name the type in one AddEventSerializer.");
            }
        }

        return writers.ToFrozenDictionary();
    }

    private IEventSerializer WriterOf(Type type) => _writers.Count == 0 ? _serializer : _writers.GetValueOrDefault(type, _serializer);

    // The default reads what it writes; any JSON is JSON to it.
    private IEventSerializer ReaderOf(string type, string contentType) =>
        Array.Find(_added, one => string.Equals(one.Serializer.ContentType, contentType, StringComparison.OrdinalIgnoreCase))?.Serializer
        ?? (string.Equals(contentType, _serializer.ContentType, StringComparison.Ordinal) || (CloudEventJson.IsJson(contentType) && CloudEventJson.IsJson(_serializer.ContentType))
            ? _serializer
            : throw new EventSerializationException(
                $"An event of type '{type}' has content type '{contentType}', but the serializers read {string.Join(", ", _added.Select(one => one.Serializer).Append(_serializer).Select(one => $"'{one.ContentType}'"))}. Add one that reads it with AddEventSerializer<T>()."));

    private (string Name, ReadOnlyMemory<byte> Data) Upcast(string name, ReadOnlyMemory<byte> data)
    {
        try
        {
            var json = JsonNode.Parse(data.Span, documentOptions: new JsonDocumentOptions { MaxDepth = _maxDepth }) as JsonObject
                ?? throw new EventSerializationException($"An event of type '{name}' is to be upcast, but its payload is no JSON object.");

            while (_upcasters.TryGetValue(name, out var upcaster))
            {
                json = upcaster.Upcast(json) ?? throw new EventSerializationException($"The upcaster of event type '{name}' returned null.");
                name = upcaster.ToType;
            }

            var output = new ArrayBufferWriter<byte>(data.Length + 64);
            using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = _maxDepth });
            json.WriteTo(writer);
            writer.Flush();
            return (name, output.WrittenMemory);
        }
        catch (JsonException exception)
        {
            throw new EventSerializationException($"An event of type '{name}' is to be upcast, but its payload is no JSON: {exception.Message}", exception);
        }
    }

    private object Convert(object payload)
    {
        while (_conversions.TryGetValue(payload.GetType(), out var conversion))
        {
            payload = conversion.Convert(payload);
        }

        return payload;
    }

    // What is not JSON would break the record around it, for every reader.
    private static void WriteChecked(string type, string contentType, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (CloudEventJson.IsJson(contentType) && FindFault(data) is { } fault)
        {
            throw new EventSerializationException($"An event of type '{type}' says '{contentType}', but its data is not one JSON value: {fault.Message}", fault);
        }

        output.Write(data);
    }

    private static JsonException? FindFault(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = int.MaxValue });
            reader.Read();
            reader.Skip();
            return reader.Read() ? new JsonException("there is more than one value") : Utf8.IsValid(data) ? null : new JsonException("it is not UTF-8");
        }
        catch (JsonException exception)
        {
            return exception;
        }
    }
}
