using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Diagnostics;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Publishing;

/// <summary>Writes events that are in no stream as CloudEvents, with the current trace in them.</summary>
/// <param name="codec">The event types.</param>
/// <param name="time">The clock.</param>
/// <param name="source">The CloudEvents source, a URI reference.</param>
public sealed class PublishedEventWriter(EventCodec codec, TimeProvider time, string source)
{
    // Buffers that a thread uses again and again, unless an event was very large.
    private const int KeepAtMost = 1 << 20;

    // Records are read on consoles, not put into web pages: letters stay letters.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Output, ArrayBufferWriter<byte> Payload, Utf8JsonWriter Writer)? _scratch;

    private readonly string _source = source;
    private readonly JsonEncodedText _jsonSource = JsonEncodedText.Encode(source, Options.Encoder);

    /// <summary>Returns the source of an application that sets none: <c>/</c> and its name.</summary>
    /// <param name="applicationName">The application's name, if it is known.</param>
    public static string DefaultSource(string? applicationName) => "/" + Uri.EscapeDataString(applicationName ?? "messaging-patterns");

    /// <summary>Returns what is wrong with a source that was set, or <see langword="null"/>.</summary>
    /// <param name="source">The source.</param>
    public static string? FindFault(string? source) =>
        source is null || (source.Length > 0 && Uri.TryCreate(source, UriKind.RelativeOrAbsolute, out _)) ? null : $"must be a URI reference, but is '{source}'.";

    /// <summary>Returns the bytes of an event in structured mode; one without an id gets a new one.</summary>
    /// <param name="data">The event.</param>
    /// <exception cref="UnknownEventTypeException">The event's type is not registered.</exception>
    /// <exception cref="EventSerializationException">The payload cannot be written.</exception>
    /// <exception cref="ArgumentException">A name in the metadata cannot be one of an extension attribute.</exception>
    public byte[] Write(EventData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var (output, payload, writer) = Scratch();
        var now = time.GetUtcNow();
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        WriteId(writer, data.Id);
        writer.WriteString("source"u8, _jsonSource);
        writer.WriteString("type"u8, codec.GetTypeName(data.Payload));
        writer.WriteString("time"u8, (data.Time ?? now).UtcDateTime);
        CloudEventJson.WriteTrace(writer);

        foreach (var (name, value) in data.Metadata)
        {
            CloudEventAttributes.ThrowIfInvalid(name);
            writer.WriteString(name, value);
        }

        codec.Encode(data.Payload, payload);
        CloudEventJson.WriteData(writer, codec.ContentTypeOf(data.Payload), payload.WrittenSpan);
        writer.WriteEndObject();
        writer.Flush();
        var bytes = output.WrittenSpan.ToArray();

        if (output.Capacity + payload.Capacity > KeepAtMost)
        {
            _scratch = null;
        }

        return bytes;
    }

    /// <summary>Returns an event in binary mode; one without an id gets a new one.</summary>
    /// <param name="data">The event.</param>
    /// <exception cref="UnknownEventTypeException">The event's type is not registered.</exception>
    /// <exception cref="EventSerializationException">The payload cannot be written.</exception>
    /// <exception cref="ArgumentException">A name in the metadata cannot be one of an extension attribute.</exception>
    public BinaryEvent WriteBinary(EventData data)
    {
        ArgumentNullException.ThrowIfNull(data);

        foreach (var name in data.Metadata.Keys)
        {
            CloudEventAttributes.ThrowIfInvalid(name);
        }

        var payload = new ArrayBufferWriter<byte>();
        codec.Encode(data.Payload, payload);
        return new(payload.WrittenSpan.ToArray(), CloudEventHeaders.Write(new CloudEvent
        {
            Id = data.Id ?? AppendId.New(time).Value.ToString("N"),
            Source = _source,
            Type = codec.GetTypeName(data.Payload),
            Time = data.Time ?? time.GetUtcNow(),
            DataContentType = codec.ContentTypeOf(data.Payload),
            TraceParent = CallerTrace.Current?.Id,
            TraceState = CallerTrace.State,
            Extensions = data.Metadata,
        }));
    }

    private void WriteId(Utf8JsonWriter writer, string? id)
    {
        if (id is not null)
        {
            writer.WriteString("id"u8, id);
            return;
        }

        Span<byte> digits = stackalloc byte[32];
        AppendId.New(time).Value.TryFormat(digits, out _, "N");
        writer.WriteString("id"u8, digits);
    }

    private static (ArrayBufferWriter<byte> Output, ArrayBufferWriter<byte> Payload, Utf8JsonWriter Writer) Scratch()
    {
        if (_scratch is not { } scratch)
        {
            var output = new ArrayBufferWriter<byte>(1024);
            _scratch = scratch = (output, new(1024), new Utf8JsonWriter(output, Options));
        }

        scratch.Output.ResetWrittenCount();
        scratch.Payload.ResetWrittenCount();
        scratch.Writer.Reset(scratch.Output);
        return scratch;
    }
}
