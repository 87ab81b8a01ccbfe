using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Writes events that are in no stream as CloudEvents.</summary>
internal sealed class PublishedEventWriter(EventCodec codec, TimeProvider time, IOptions<KafkaPublisherOptions> options, IHostEnvironment? environment = null)
{
    // Buffers that a thread uses again and again, unless an event was very large.
    private const int KeepAtMost = 1 << 20;

    // Records are read on consoles, not put into web pages: letters stay letters.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Output, ArrayBufferWriter<byte> Payload, Utf8JsonWriter Writer)? _scratch;

    private readonly JsonEncodedText _source = JsonEncodedText.Encode(
        options.Value.Source ?? "/" + Uri.EscapeDataString(environment?.ApplicationName ?? "messaging-patterns"), Options.Encoder);

    public byte[] Write(EventData data)
    {
        var (output, payload, writer) = Scratch();
        var now = time.GetUtcNow();
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        WriteId(writer, data.Id);
        writer.WriteString("source"u8, _source);
        writer.WriteString("type"u8, codec.GetTypeName(data.Payload));
        writer.WriteString("time"u8, (data.Time ?? now).UtcDateTime);
        CloudEventJson.WriteTrace(writer);

        foreach (var (name, value) in data.Metadata)
        {
            CloudEventAttributes.ThrowIfInvalid(name);
            writer.WriteString(name, value);
        }

        codec.Encode(data.Payload, payload);
        CloudEventJson.WriteData(writer, (data.Payload as RawEvent)?.ContentType ?? codec.ContentType, payload.WrittenSpan);
        writer.WriteEndObject();
        writer.Flush();
        var bytes = output.WrittenSpan.ToArray();

        if (output.Capacity + payload.Capacity > KeepAtMost)
        {
            _scratch = null;
        }

        return bytes;
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
