using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Serialization;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

public sealed class CloudEventsFrameReaderTests
{
    private const string Frame =
        """{"specversion":"1.0","streamversion":"3","logbase":"7","logversion":1,"logpartitions":12,"appendid":"0198c5a07b1c700080000123456789ab","id":"e","source":"/s","type":"t"}""";

    private const string Following = """{"specversion":"1.0","streamversion":"4","id":"f","source":"/s","type":"t"}""";

    [Theory]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":3", "'streamversion' is not a whole number in a string, without sign and leading zeros")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":null", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"\"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"-3\"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"+3\"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"03\"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"3 \"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"\\u0033\"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"9223372036854775808\"", "'streamversion' is not a whole number in a string")]
    [InlineData("\"streamversion\":\"3\"", "\"x\":\"3\"", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"streamversion\":\"3\"", "\"streamversion\":\"0\"", "'streamversion' 0 does not fit its type: only a barrier, alone, has 0")]
    [InlineData("\"type\":\"t\"", "\"type\":\"messaging-patterns.barrier\"", "'streamversion' 3 does not fit its type: only a barrier, alone, has 0")]
    [InlineData("\"logbase\":\"7\"", "\"logbase\":7", "'logbase' is not a whole number in a string")]
    [InlineData("\"logbase\":\"7\",", "", "one of 'logversion', 'logbase', 'logpartitions', 'appendid', 'streamversion' is missing")]
    [InlineData("\"logversion\":1,", "", "one of 'logversion', 'logbase', 'logpartitions', 'appendid', 'streamversion' is missing")]
    [InlineData("\"logversion\":1", "\"logversion\":0", "'logversion' is not a whole number above 0")]
    [InlineData("\"logversion\":1", "\"logversion\":\"1\"", "'logversion' is not a whole number above 0")]
    [InlineData("\"logversion\":1", "\"logversion\":1.5", "'logversion' is not a whole number above 0")]
    [InlineData("\"logpartitions\":12,", "", "one of 'logversion', 'logbase', 'logpartitions', 'appendid', 'streamversion' is missing")]
    [InlineData("\"logpartitions\":12", "\"logpartitions\":0", "'logpartitions' is not a whole number above 0")]
    [InlineData("\"logpartitions\":12", "\"logpartitions\":2147483648", "'logpartitions' is not a whole number above 0")]
    [InlineData("0198c5a07b1c700080000123456789ab", "00000000000000000000000000000000", "'appendid' is not 32 hexadecimal digits")]
    [InlineData("0198c5a07b1c700080000123456789ab", "0198c5a0-7b1c-7000-8000-0123456789ab", "'appendid' is not 32 hexadecimal digits")]
    [InlineData("\"appendid\":\"0198c5a07b1c700080000123456789ab\",", "", "one of 'logversion', 'logbase', 'logpartitions', 'appendid', 'streamversion' is missing")]
    [InlineData("\"id\":\"e\",", "", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"id\":\"e\"", "\"id\":\"\"", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"id\":\"e\"", "\"id\":5", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"specversion\":\"1.0\",", "", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"specversion\":\"1.0\"", "\"specversion\":\"2.0\"", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"source\":\"/s\",", "", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"type\":\"t\"", "\"type\":\"\"", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    [InlineData("\"type\":\"t\"", "\"type\":null", "it is not a CloudEvent in JSON")]
    [InlineData("\"type\":\"t\"}", "\"type\":\"t\"", "it is not a CloudEvent in JSON")]
    [InlineData("\"type\":\"t\"}", "\"type\":\"t\",}", "it is not a CloudEvent in JSON")]
    [InlineData("\"type\":\"t\"}", "\"type\":\"t\"} {}", "it is not a CloudEvent in JSON")]
    public void A_field_that_is_wrong_is_named(string field, string changed, string reason) =>
        AssertFault(reason, Frame.Replace(field, changed, StringComparison.Ordinal));

    [Theory]
    [InlineData("5", "expected an object, but found Number")]
    [InlineData("null", "expected an object, but found Null")]
    [InlineData("[]", "one of 'logversion', 'logbase', 'logpartitions', 'appendid', 'streamversion' is missing")]
    [InlineData("[5]", "expected an object, but found Number")]
    [InlineData("[[]]", "expected an object, but found StartArray")]
    [InlineData("hello", "it is not a CloudEvent in JSON: 'h' is an invalid start of a value")]
    [InlineData("{}", "event 1 of the frame lacks one of 'specversion' 1.0, 'id', 'source', 'type', 'streamversion'")]
    public void What_is_no_event_is_no_frame(string value, string reason) => AssertFault(reason, value);

    [Fact]
    public void The_versions_of_a_batch_follow_each_other() =>
        AssertFault("event 2 of the frame has 'streamversion' 6 instead of 4", $"[{Frame},{Following.Replace("\"4\"", "\"6\"", StringComparison.Ordinal)}]");

    [Fact]
    public void The_version_after_the_greatest_number_does_not_exist() =>
        AssertFault(
            "event 2 of the frame has 'streamversion' 4 instead of -9223372036854775808",
            $"[{Frame.Replace("\"3\"", $"\"{long.MaxValue}\"", StringComparison.Ordinal)},{Following}]");

    [Fact]
    public void Only_the_first_event_of_a_batch_speaks_for_the_frame()
    {
        var other = Following.Replace("\"id\"", "\"logversion\":9,\"logbase\":\"1\",\"logpartitions\":3,\"appendid\":\"?\",\"id\"", StringComparison.Ordinal);

        Assert.Null(FrameReader.Read(Bytes("account-42"), Bytes($"[{Frame},{other}]"), out var header));
        Assert.Equal((7, 12, 2), (header.Base, header.Partitions, header.Count));
    }

    [Fact]
    public void A_barrier_stands_alone() =>
        AssertFault("'streamversion' 0 does not fit its type", $"[{Text(PrepareBarrier().Build(0, 0))},{Following.Replace("\"4\"", "\"1\"", StringComparison.Ordinal)}]");

    [Theory]
    [InlineData("")]
    [InlineData(",\"shape\":}")]
    [InlineData(",\"streamversion\":17")]
    public void A_newer_log_version_is_told_from_foreign_bytes_even_where_the_rest_cannot_be_read(string rest)
    {
        var fault = FrameReader.Read(Bytes("account-42"), Bytes(Frame.Replace("\"logversion\":1", "\"logversion\":2" + rest, StringComparison.Ordinal)), out var header);

        Assert.Equal(new FrameFault("it has log version 2, and this library knows 1: update the library", IsNewer: true), fault);
        Assert.Equal(default, header);
    }

    [Theory]
    [InlineData("")]
    [InlineData("account")]
    [InlineData("-42")]
    [InlineData("account-")]
    [InlineData("account-4 2")]
    [InlineData("account-4\t2")]
    public void A_key_that_is_no_stream_id_makes_no_frame(string key) =>
        Assert.Equal(key is "" ? "it has no key" : "its key is not a stream id", FrameReader.Read(Bytes(key), Bytes(Frame), out _)?.Reason);

    [Fact]
    public void A_key_that_is_no_text_makes_no_frame() =>
        Assert.Equal("its key is not a stream id", FrameReader.Read([(byte)'a', (byte)'-', 0xFF], Bytes(Frame), out _)?.Reason);

    [Fact]
    public void A_key_beyond_the_limit_makes_no_frame()
    {
        Assert.Null(FrameReader.Read(Bytes("a-" + new string('x', 510)), Bytes(Frame), out _));
        Assert.NotNull(FrameReader.Read(Bytes("a-" + new string('x', 511)), Bytes(Frame), out _));
    }

    [Theory]
    [InlineData("account-ümlaut")]
    [InlineData("account-42-b")]
    [InlineData("a--")]
    public void Every_stream_id_is_a_key(string key) => Assert.Null(FrameReader.Read(Bytes(key), Bytes(Frame), out _));

    [Fact]
    public void A_record_without_key_or_value_is_no_frame()
    {
        Assert.Equal("it has no key", FrameReader.Read(null, Bytes(Frame), out _)?.Reason);
        Assert.Equal("it has no value", FrameReader.Read(Bytes("account-42"), null, out _)?.Reason);
        Assert.Equal("it has no value", FrameReader.Read(Bytes("account-42"), [], out _)?.Reason);
    }

    [Fact]
    public void Fields_inside_data_are_none_of_the_frame()
    {
        var frame = Frame.Replace("{", "{\"data\":{\"streamversion\":17,\"logbase\":\"x\",\"logversion\":9,\"id\":1},", StringComparison.Ordinal);

        Assert.Null(FrameReader.Read(Bytes("account-42"), Bytes(frame), out var header));
        Assert.Equal((3, 7), (header.FirstVersion, header.Base));
    }

    [Fact]
    public void Data_may_be_as_deep_as_a_writer_makes_it()
    {
        var frame = Frame.Replace("\"id\":\"e\"", $"\"data\":{new string('[', 10_000)}{new string(']', 10_000)},\"id\":\"e\"", StringComparison.Ordinal);

        Assert.Null(FrameReader.Read(Bytes("account-42"), Bytes(frame), out var header));
        Assert.Equal(3, header.FirstVersion);
    }

    /// <summary>The rules of frames are fewer than those of CloudEvents and never change, so a forged one may be in its stream and fail its readers.</summary>
    [Theory]
    [InlineData("\"time\":\"yesterday\"")]
    [InlineData("\"tenant\":[1]")]
    public void A_frame_that_is_no_CloudEvent_is_reported_with_its_place(string field)
    {
        var frame = Bytes(Frame.Replace("\"type\":\"t\"", "\"type\":\"t\"," + field, StringComparison.Ordinal));

        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out var header));
        var refused = Assert.Throws<EventSerializationException>(() => ReadEvents(frame, header.LastVersion));
        Assert.StartsWith("The frame of stream 'account-42' that ends at version 3, offset 77, cannot be read: ", refused.Message, StringComparison.Ordinal);
    }

    private static void AssertFault(string reason, string value)
    {
        var fault = FrameReader.Read(Bytes("account-42"), Bytes(value), out var header);

        Assert.NotNull(fault);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.False(fault.IsNewer);
        Assert.Equal(default, header);
    }
}
