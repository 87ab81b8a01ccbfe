using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>Serializes the records that the library would write, as one would by hand: one writer, used again and again.</summary>
internal sealed class RawCloudEvents : IRawFrames
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly Utf8JsonWriter _writer;

    public RawCloudEvents() => _writer = new(_output, new JsonWriterOptions { SkipValidation = true });

    /// <summary>Returns a published event.</summary>
    public byte[] Publish(OrderPlaced placed)
    {
        Begin();
        _writer.WriteString("id"u8, Guid.CreateVersion7().ToString("N"));
        _writer.WriteString("source"u8, "/benchmarks"u8);
        _writer.WriteString("type"u8, "order-placed"u8);
        _writer.WriteString("time"u8, DateTime.UtcNow);
        return End(placed);
    }

    public byte[] Frame(string stream, long version, long @base, int partitions, OrderPlaced placed)
    {
        var id = Guid.CreateVersion7().ToString("N");
        Begin();
        _writer.WriteString("streamversion"u8, version.ToString(CultureInfo.InvariantCulture));
        _writer.WriteString("logbase"u8, @base.ToString(CultureInfo.InvariantCulture));
        _writer.WriteNumber("logversion"u8, 1);
        _writer.WriteNumber("logpartitions"u8, partitions);
        _writer.WriteString("appendid"u8, id);
        _writer.WriteString("id"u8, id);
        _writer.WriteString("source"u8, "/order"u8);
        _writer.WriteString("type"u8, "order-placed"u8);
        _writer.WriteString("time"u8, DateTime.UtcNow);
        _writer.WriteString("subject"u8, stream);
        return End(placed);
    }

    public void Dispose() => _writer.Dispose();

    private void Begin()
    {
        _output.ResetWrittenCount();
        _writer.Reset(_output);
        _writer.WriteStartObject();
        _writer.WriteString("specversion"u8, "1.0"u8);
    }

    private byte[] End(OrderPlaced placed)
    {
        _writer.WriteString("datacontenttype"u8, "application/json"u8);
        _writer.WritePropertyName("data"u8);
        JsonSerializer.Serialize(_writer, placed, JsonSerializerOptions.Web);
        _writer.WriteEndObject();
        _writer.Flush();
        return _output.WrittenSpan.ToArray();
    }
}
