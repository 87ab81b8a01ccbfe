using System.Globalization;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>
/// Log version 1, layout <c>cloudevents</c>, byte for byte. The files never change: logs hold such records for ever. Each ends with one line feed that is
/// not part of the record.
/// </summary>
public sealed class GoldenFrameTests
{
    private const long Big = 9_007_199_254_740_993; // More than a double can count.

    private static readonly Dictionary<string, Sample> Samples = new(StringComparer.Ordinal)
    {
        ["single"] = new(() => Prepare(Opened), 1, 0, 1),
        ["batch"] = new(() => Prepare(Opened, Charged, Charged), 9, 1_043, 3),
        ["barrier"] = new(PrepareBarrier, 0, 0, 0),
        ["metadata"] = new(
            () => Prepare(Charged with
            {
                Id = "invoice 7/\"ä\"",
                Time = new DateTimeOffset(2025, 12, 31, 23, 59, 59, 123, TimeSpan.FromHours(2)),
                Metadata = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["correlationid"] = "c-1", ["tenant"] = "東京 \U0001F680" },
            }),
            2, 17, 1),
        ["bytes"] = new(() => Prepare(new EventData(new RawEvent("photo-taken", new byte[] { 0, 1, 0xFE, 0xFF, 0x7B }, "image/png"))), 3, 18, 1),
        ["text"] = new(() => Prepare(new EventData(new RawEvent("note-taken", Bytes("no { JSON"), "text/plain"))), 4, 19, 1),
        ["raw-json"] = new(() => Prepare(new EventData(new RawEvent("anything", Bytes("[1, \"two\", {\"streamversion\": \"3\"}]")))), 5, 20, 1),
        ["no-data"] = new(() => Prepare(new EventData(new RawEvent("tick", default, "application/octet-stream"))), 6, 21, 1),
        ["big-numbers"] = new(() => Prepare(Opened), Big, Big + 1, 1),
        ["trace"] = new(() => PrepareTraced(Opened), 7, 22, 1),
    };

    public static TheoryData<string> Names => [.. Samples.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_writer_writes_exactly_these_bytes(string name)
    {
        var sample = Samples[name];

        var written = sample.Prepare().Build(sample.FirstVersion, sample.Base);

        Assert.Equal(Golden(name), FixSpan(Text(written)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_reader_reads_exactly_this_header(string name)
    {
        var sample = Samples[name];
        var key = StreamKeys.Of(Account, out var bytes);

        var fault = FrameReader.Read(bytes, Bytes(Golden(name)), out var header);

        Assert.Null(fault);
        Assert.Equal(new FrameHeader(key, Id, sample.FirstVersion, sample.Count, sample.Base, Partitions), header);
    }

    [Theory]
    [InlineData("single", "[account-opened 1 0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z application/json {\"owner\":\"Ada\"} ]")]
    [InlineData("batch", "[account-opened 9 0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z application/json {\"owner\":\"Ada\"} ]"
        + "[account-charged 10 0198c5a07b1c700080000123456789ab-1 2026-03-01T12:00:00.0000000Z application/json {\"amount\":12.50,\"purpose\":\"books\"} ]"
        + "[account-charged 11 0198c5a07b1c700080000123456789ab-2 2026-03-01T12:00:00.0000000Z application/json {\"amount\":12.50,\"purpose\":\"books\"} ]")]
    [InlineData("metadata", "[account-charged 2 invoice 7/\"ä\" 2025-12-31T21:59:59.1230000Z application/json {\"amount\":12.50,\"purpose\":\"books\"} correlationid=c-1;tenant=東京 \U0001F680]")]
    [InlineData("text", "[note-taken 4 0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z text/plain no { JSON ]")]
    [InlineData("raw-json", "[anything 5 0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z application/json [1, \"two\", {\"streamversion\": \"3\"}] ]")]
    [InlineData("no-data", "[tick 6 0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z application/octet-stream  ]")]
    [InlineData("trace", "[account-opened 7 0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z application/json {\"owner\":\"Ada\"} ]")]
    public void Every_reader_reads_exactly_these_events(string name, string expected)
    {
        Assert.Equal(expected, string.Concat(ReadEvents(name).Select(Describe)));
    }

    [Fact]
    public void Bytes_come_back_as_they_were()
    {
        var payload = Assert.IsType<RawEvent>(Assert.Single(ReadEvents("bytes")).Payload);

        Assert.Equal(new byte[] { 0, 1, 0xFE, 0xFF, 0x7B }, payload.Data);
        Assert.Equal("image/png", payload.ContentType);
    }

    private static IEnumerable<RecordedEvent> ReadEvents(string name)
    {
        var sample = Samples[name];
        var frame = new StoredFrame(Account.ToString(), 77, sample.FirstVersion + sample.Count - 1, Bytes(Golden(name)));
        return new FrameEvents(Codec).Read(Account, Position.At("accounts:3", 78), frame, isRaw: true);
    }

    private static string Describe(RecordedEvent recorded)
    {
        var raw = (RawEvent)recorded.Payload;
        var metadata = string.Join(';', recorded.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
        var time = recorded.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return $"[{recorded.Type} {recorded.Version} {recorded.Id} {time} {raw.ContentType} {Encoding.UTF8.GetString(raw.Data.Span)} {metadata}]";
    }

    private static string Golden(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EventSourcing", "Frames", "Golden", $"{name}.json")) is var text && text.EndsWith('\n')
            ? text[..^1]
            : throw new InvalidOperationException($"Golden file {name} does not end with a line feed.");

    private sealed record Sample(Func<PreparedFrame> Prepare, long FirstVersion, long Base, int Count);
}
