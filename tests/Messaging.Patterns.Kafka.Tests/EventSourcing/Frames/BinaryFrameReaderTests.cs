using System.Buffers.Binary;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Serialization;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>What makes a record in layout <c>binary</c> a frame: rule by rule, as docs/formats.md lists them.</summary>
public sealed class BinaryFrameReaderTests
{
    private const int LogVersionAt = 4;

    // Of a frame of one event: where the event's size, time and fields are.
    private const int SizeAt = 52;
    private const int TimeAt = 56;
    private const int FieldsAt = 64;

    private const string EventReason = "has no type, no time of this calendar, or a field that is not as it must be";

    private static readonly byte[] Key = Bytes("account-42");

    [Theory]
    [InlineData(LogVersionAt, "00000000", "its log version is not above 0")]
    [InlineData(LogVersionAt, "ffffffff", "its log version is not above 0")]
    [InlineData(8, "ffffffffffffffff", "its first version, base or count is not one that a stream or log can have")]
    [InlineData(8, "7fffffffffffffff", "its first version, base or count is not one that a stream or log can have")]
    [InlineData(16, "8000000000000000", "its first version, base or count is not one that a stream or log can have")]
    [InlineData(44, "ffffffff", "its first version, base or count is not one that a stream or log can have")]
    [InlineData(24, "00000000000000000000000000000000", "its append id is all zeros")]
    [InlineData(40, "00000000", "its partition count is not above 0")]
    [InlineData(40, "80000000", "its partition count is not above 0")]
    [InlineData(8, "0000000000000000", "first version 0 does not fit 1 events: only a barrier has 0 of both")]
    [InlineData(44, "00000000", "first version 3 does not fit 0 events: only a barrier has 0 of both")]
    [InlineData(44, "00000002", "it says that it has 2 events, and has 1")]
    [InlineData(48, "00000033", "its header has 51 bytes; 52 to")]
    [InlineData(48, "00001000", "its header has 4096 bytes; 52 to")]
    [InlineData(48, "ffffffff", "its header has -1 bytes; 52 to")]
    [InlineData(48, "00000035", "its header has a field that is not as it must be")]
    [InlineData(SizeAt, "00000000", "event 1 of the frame does not fit into the record")]
    [InlineData(SizeAt, "00000027", "event 2 of the frame does not fit into the record")]
    [InlineData(SizeAt, "00000029", "event 1 of the frame does not fit into the record")]
    [InlineData(SizeAt, "ffffffff", "event 1 of the frame does not fit into the record")]
    [InlineData(TimeAt, "8000000000000000", EventReason)]
    [InlineData(TimeAt, "7fffffffffffffff", EventReason)]
    [InlineData(FieldsAt, "00", EventReason)]
    [InlineData(FieldsAt, "02", EventReason)]
    [InlineData(FieldsAt, "0100", EventReason)]
    [InlineData(FieldsAt, "017f", EventReason)]
    [InlineData(FieldsAt, "01ffffffffff", EventReason)]
    [InlineData(FieldsAt, "01ffffffff7f", EventReason)]
    [InlineData(FieldsAt, "010eff", EventReason)]
    public void A_field_that_is_wrong_is_named(int at, string bytes, string reason)
    {
        var frame = Prepare(LogLayout.Binary, Opened).Build(3, 7);
        Convert.FromHexString(bytes).CopyTo(frame, at);

        AssertFault(reason, frame);
    }

    [Theory]
    [InlineData("0101610101620000")] // A type twice.
    [InlineData("0201610101620000")] // Tags that descend.
    [InlineData("010161020000")] // An empty id.
    [InlineData("01016103000000")] // An empty content type.
    [InlineData("010161040000")] // Metadata without a name.
    [InlineData("0101610402006100")] // Metadata with an empty name.
    [InlineData("01016104020561")] // Metadata whose name is longer than the field.
    [InlineData("010161")] // No end.
    [InlineData("")] // Nothing.
    public void Fields_of_an_event_that_are_not_as_they_must_be_make_no_frame(string fields)
    {
        AssertFault(EventReason, FrameOf(Convert.FromHexString(fields)));
    }

    [Theory]
    [InlineData("01016100")] // The type alone.
    [InlineData("01016104040162787900")] // Metadata b=xy.
    [InlineData("0101610402016200")] // Metadata with an empty value.
    [InlineData("01016104020162040201620000")] // A name twice, and data.
    [InlineData("010161fe00fe0000")] // Fields that are not known.
    [InlineData("0181006100")] // A length in more bytes than it needs.
    public void Fields_of_an_event_that_are_as_they_must_be_make_a_frame(string fields)
    {
        var frame = FrameOf(Convert.FromHexString(fields));

        Assert.Null(FrameReader.Read(Key, frame, out _));
        Assert.Equal("a", Assert.Single(ReadEvents(frame, 3)).Type);
    }

    [Theory]
    [InlineData("0118" + "00000000000000000000000000000000000000000000000000")] // A trace parent that is too short.
    [InlineData("0200")] // An empty trace state.
    [InlineData("0201ff")] // One that is no text.
    [InlineData("020161020162")] // Two of them.
    [InlineData("0905")] // A field that does not fit.
    [InlineData("00")] // Tag 0 ends the fields of events; headers have none.
    public void Fields_of_the_header_that_are_not_as_they_must_be_make_no_frame(string fields)
    {
        var frame = Prepare(LogLayout.Binary, Opened).Build(3, 7);
        var added = Convert.FromHexString(fields);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(48), 52 + added.Length);

        AssertFault("its header has a field that is not as it must be", [.. frame[..52], .. added, .. frame[52..]]);
    }

    [Fact]
    public void Whatever_a_frame_has_behind_its_events_is_none() =>
        AssertFault("event 2 of the frame does not fit into the record", [.. Prepare(LogLayout.Binary, Opened).Build(3, 7), 0]);

    [Fact]
    public void A_barrier_has_no_events() =>
        AssertFault("it says that it has 0 events, and has 1", [.. PrepareBarrier(LogLayout.Binary).Build(0, 7), .. Prepare(LogLayout.Binary, Opened).Build(1, 0)[52..]]);

    [Fact]
    public void A_barrier_may_have_any_key()
    {
        Assert.Null(FrameReader.Read(Bytes("barrier"), PrepareBarrier(LogLayout.Binary).Build(0, 7), out var header));
        Assert.True(header.IsBarrier);
        Assert.Equal((7, Partitions), (header.Base, header.Partitions));
    }

    [Fact]
    public void A_frame_with_events_needs_the_key_of_a_stream() =>
        Assert.Equal("its key is not a stream id", FrameReader.Read(Bytes("account"), Prepare(LogLayout.Binary, Opened).Build(1, 0), out _)?.Reason);

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(60)]
    public void Another_layout_stops_every_reader_however_much_of_it_there_is(int size) => Assert.Equal(
        new FrameFault("it has layout 2 of the binary layouts, and this library knows 1: update the library", IsNewer: true),
        FrameReader.Read(Key, [0xFC, (byte)'M', (byte)'P', 2, .. new byte[size - 4]], out _));

    [Theory]
    [InlineData(8)]
    [InlineData(60)]
    public void A_newer_log_version_stops_every_reader_however_much_of_it_there_is(int size) => Assert.Equal(
        new FrameFault("it has log version 2, and this library knows 1: update the library", IsNewer: true),
        FrameReader.Read(Key, [0xFC, (byte)'M', (byte)'P', 1, 0, 0, 0, 2, .. new byte[size - 8]], out _));

    [Theory]
    [InlineData("fc")]
    [InlineData("fc4d")]
    [InlineData("00")]
    [InlineData("0000000001")]
    [InlineData("fb4d5001")]
    public void Bytes_without_the_mark_are_foreign(string value)
    {
        var fault = FrameReader.Read(Key, Convert.FromHexString(value), out _);

        Assert.StartsWith("it is not a CloudEvent in JSON", fault?.Reason, StringComparison.Ordinal);
        Assert.False(fault!.IsNewer);
    }

    /// <summary>No text in UTF-8 has this byte, and no JSON is in anything else; Confluent's wire format begins with 0, Avro's with 0xC3.</summary>
    [Fact]
    public void The_mark_begins_no_other_format_in_use()
    {
        var mark = BinaryFrameFormat.Mark[0];

        Assert.False(System.Text.Unicode.Utf8.IsValid([mark]));
        Assert.Equal(4, mark & 7); // As the tag of a Protobuf field: the end of a group that nothing began.
        Assert.DoesNotContain(mark, new byte[] { 0, 0xC3, 0xEF, 0xFE, 0xFF });
    }

    [Fact]
    public void A_stored_record_that_was_damaged_since_is_reported_with_its_place()
    {
        var frame = Prepare(LogLayout.Binary, Opened).Build(3, 7);
        frame[SizeAt] = 0xFF;

        var refused = Assert.Throws<EventSerializationException>(() => ReadEvents(frame, 3));

        Assert.StartsWith("The frame of stream 'account-42' that ends at version 3, offset 77, cannot be read: ", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] FrameOf(byte[] fields)
    {
        var frame = Prepare(LogLayout.Binary, Opened).Build(3, 7)[..FieldsAt];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(SizeAt), 8 + fields.Length);
        return [.. frame, .. fields];
    }

    private static void AssertFault(string reason, byte[] value)
    {
        var fault = FrameReader.Read(Key, value, out var header);

        Assert.NotNull(fault);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.False(fault.IsNewer);
        Assert.Equal(default, header);
    }
}
