using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>Serializes frames in layout <c>binary</c>, as one would by hand after docs/formats.md: one buffer and one writer, used again and again.</summary>
internal sealed class RawBinaryFrames : IRawFrames
{
    private const int HeaderSize = 52;

    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly Utf8JsonWriter _writer;

    public RawBinaryFrames() => _writer = new(_output, new JsonWriterOptions { SkipValidation = true });

    private static ReadOnlySpan<byte> Fields => "\u0001\u000Corder-placed\0"u8;

    public byte[] Frame(string stream, long version, long @base, int partitions, OrderPlaced placed)
    {
        _output.ResetWrittenCount();
        _writer.Reset(_output);
        JsonSerializer.Serialize(_writer, placed, JsonSerializerOptions.Web);
        _writer.Flush();
        var data = _output.WrittenSpan;
        var frame = new byte[HeaderSize + 12 + Fields.Length + data.Length];
        WriteHeader(frame, version, @base, partitions);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(HeaderSize), frame.Length - HeaderSize - 4);
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(HeaderSize + 4), DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks);
        Fields.CopyTo(frame.AsSpan(HeaderSize + 12));
        data.CopyTo(frame.AsSpan(HeaderSize + 12 + Fields.Length));
        return frame;
    }

    public void Dispose() => _writer.Dispose();

    private static void WriteHeader(Span<byte> frame, long version, long @base, int partitions)
    {
        ReadOnlySpan<byte> begin = [0xFC, (byte)'M', (byte)'P', 1, 0, 0, 0, 1];
        begin.CopyTo(frame);
        BinaryPrimitives.WriteInt64BigEndian(frame[8..], version);
        BinaryPrimitives.WriteInt64BigEndian(frame[16..], @base);
        Guid.CreateVersion7().TryWriteBytes(frame[24..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(frame[40..], partitions);
        BinaryPrimitives.WriteInt32BigEndian(frame[44..], 1);
        BinaryPrimitives.WriteInt32BigEndian(frame[48..], HeaderSize);
    }
}
