using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Serialization;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

public sealed class CloudEventsFrameWriterTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(9, 9)]
    [InlineData(10, 99)]
    [InlineData(98, 100)]
    [InlineData(999_999, 1_000_000)]
    [InlineData(long.MaxValue - 2, long.MaxValue)]
    public void Versions_and_bases_of_any_length_fit(long firstVersion, long @base)
    {
        var frame = Prepare(Opened, Charged, Opened).Build(firstVersion, @base);

        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out var header));
        Assert.Equal((firstVersion, @base, 3), (header.FirstVersion, header.Base, header.Count));
        Assert.Equal((byte)']', frame[^1]);
    }

    [Fact]
    public void The_same_version_and_base_give_the_same_bytes()
    {
        var frame = Prepare(Opened, Charged);

        Assert.Equal(frame.Build(3, 7), frame.Build(3, 7));
        Assert.Equal(Prepare(Opened, Charged).Build(3, 7), frame.Build(3, 7));
    }

    [Fact]
    public void Every_frame_that_can_be_written_can_be_read_however_deep()
    {
        var deep = new RawEvent("deep", Bytes(new string('[', 500) + new string(']', 500)));
        var frame = Prepare(new EventData(deep), new EventData(deep)).Build(1, 0);

        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out var header));
        Assert.Equal(2, header.Count);
    }

    [Fact]
    public void A_payload_as_deep_as_the_serializer_allows_is_read_again()
    {
        var codec = new EventCodec(new EventTypeOptions { Types = { typeof(Nested) } });
        var nested = Enumerable.Range(0, 62).Aggregate(new Nested(0, null), (inner, depth) => new Nested(depth, inner));
        var frame = new CloudEventsFrameWriter(codec, TimeProvider.System).Prepare(Account, Id, Partitions, [new EventData(nested), new EventData(nested)]).Build(1, 0);

        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out _));
        var recorded = ReadEvents(frame, lastVersion: 2, isRaw: false, codec);
        Assert.Equal([nested, nested], recorded.Select(one => one.Payload));
    }

    [Theory]
    [InlineData("streamversion", "the name is taken")]
    [InlineData("logbase", "the name is taken")]
    [InlineData("logversion", "the name is taken")]
    [InlineData("logpartitions", "the name is taken")]
    [InlineData("appendid", "the name is taken")]
    [InlineData("subject", "the name is taken")]
    [InlineData("traceparent", "the name is taken")]
    [InlineData("Tenant", "expected 1 to 20 lower-case letters and digits")]
    [InlineData("", "expected 1 to 20 lower-case letters and digits")]
    public void Metadata_cannot_take_the_place_of_the_frames_own_fields(string name, string reason)
    {
        var data = Opened with { Metadata = new Dictionary<string, string> { [name] = "1" } };

        var refused = Assert.Throws<ArgumentException>(() => Prepare(data));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(Golden.Single, Text(Prepare(Opened).Build(1, 0)));
    }

    [Fact]
    public void No_event_can_pretend_to_be_a_barrier()
    {
        var refused = Assert.Throws<ArgumentException>(() => Prepare(new EventData(new RawEvent("messaging-patterns.barrier", Bytes("{}")))));

        Assert.StartsWith("Event type name 'messaging-patterns.barrier' is taken by the event store.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_that_cannot_be_written_leaves_nothing_behind()
    {
        Assert.Throws<UnknownEventTypeException>(() => Prepare(Opened, new EventData(new object())));
        Assert.Throws<EventSerializationException>(() => Prepare(new EventData(new RawEvent("raw", Bytes("{\"a\":")))));

        Assert.Equal(Golden.Single, Text(Prepare(Opened).Build(1, 0)));
    }

    [Fact]
    public void Large_and_small_events_follow_each_other()
    {
        var large = new EventData(new RawEvent("large", JsonSerializer.SerializeToUtf8Bytes(new string('x', 3 << 20))));

        Assert.True(Prepare(large, Opened).Build(1, 0).Length > 3 << 20);
        Assert.Equal(Golden.Single, Text(Prepare(Opened).Build(1, 0)));
    }

    [Fact]
    public async Task Many_threads_write_at_the_same_time()
    {
        var frames = Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 200).Select(_ => Text(Prepare(Opened).Build(1, 0))).Distinct().ToList(), TestContext.Current.CancellationToken));

        Assert.All(await Task.WhenAll(frames), texts => Assert.Equal([Golden.Single], texts));
    }

    [Fact]
    public void A_category_is_written_as_a_uri_reference()
    {
        var frame = Writer.Prepare(new StreamId("größe/ä", "1"), Id, Partitions, [Opened]).Build(1, 0);

        Assert.Contains("\"source\":\"/gr%C3%B6%C3%9Fe%2F%C3%A4\"", Text(frame), StringComparison.Ordinal);
    }

    private static class Golden
    {
        public static string Single { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EventSourcing", "Frames", "Golden", "single.json")).TrimEnd('\n');
    }

    [EventType("nested")]
    private sealed record Nested(int Depth, Nested? Inner);
}
