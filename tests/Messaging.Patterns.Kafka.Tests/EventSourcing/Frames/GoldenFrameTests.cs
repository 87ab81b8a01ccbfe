using System.Globalization;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>
/// Log version 1, both layouts, byte for byte. The files never change: logs hold such records for ever. Layout <c>cloudevents</c> is in <c>NAME.json</c>,
/// which ends with one line feed that is not part of the record; layout <c>binary</c> in <c>NAME.hex</c>, with white space that has no meaning.
/// </summary>
public sealed class GoldenFrameTests
{
    private const long Big = 9_007_199_254_740_993; // More than a double can count.
    private const string First = "0198c5a07b1c700080000123456789ab 2026-03-01T12:00:00.0000000Z";
    private const string Ada = "application/json {\"owner\":\"Ada\"} ]";
    private const string Books = "application/json {\"amount\":12.50,\"purpose\":\"books\"} ";

    private static readonly Dictionary<string, Sample> Samples = new(StringComparer.Ordinal)
    {
        ["single"] = new(layout => Prepare(layout, Opened), 1, 0, 1, $"[account-opened 1 {First} {Ada}"),
        ["batch"] = new(
            layout => Prepare(layout, Opened, Charged, Charged),
            9,
            1_043,
            3,
            $"[account-opened 9 {First} {Ada}"
            + $"[account-charged 10 0198c5a07b1c700080000123456789ab-1 2026-03-01T12:00:00.0000000Z {Books}]"
            + $"[account-charged 11 0198c5a07b1c700080000123456789ab-2 2026-03-01T12:00:00.0000000Z {Books}]"),
        ["barrier"] = new(PrepareBarrier, 0, 0, 0, ""),
        ["metadata"] = new(
            layout => Prepare(layout, Charged with
            {
                Id = "invoice 7/\"ä\"",
                Time = new DateTimeOffset(2025, 12, 31, 23, 59, 59, 123, TimeSpan.FromHours(2)),
                Metadata = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["correlationid"] = "c-1", ["tenant"] = "東京 \U0001F680" },
            }),
            2,
            17,
            1,
            $"[account-charged 2 invoice 7/\"ä\" 2025-12-31T21:59:59.1230000Z {Books}correlationid=c-1;tenant=東京 \U0001F680]"),
        ["bytes"] = new(
            layout => Prepare(layout, new EventData(new RawEvent("photo-taken", new byte[] { 0, 1, 0xFE, 0xFF, 0x7B }, "image/png"))),
            3,
            18,
            1,
            $"[photo-taken 3 {First} image/png \0\u0001\uFFFD\uFFFD{{ ]"),
        ["text"] = new(
            layout => Prepare(layout, new EventData(new RawEvent("note-taken", Bytes("no { JSON"), "text/plain"))), 4, 19, 1, $"[note-taken 4 {First} text/plain no {{ JSON ]"),
        ["raw-json"] = new(
            layout => Prepare(layout, new EventData(new RawEvent("anything", Bytes("[1, \"two\", {\"streamversion\": \"3\"}]")))),
            5,
            20,
            1,
            $"[anything 5 {First} application/json [1, \"two\", {{\"streamversion\": \"3\"}}] ]"),
        ["no-data"] = new(
            layout => Prepare(layout, new EventData(new RawEvent("tick", default, "application/octet-stream"))), 6, 21, 1, $"[tick 6 {First} application/octet-stream  ]"),
        ["big-numbers"] = new(layout => Prepare(layout, Opened), Big, Big + 1, 1, $"[account-opened {Big} {First} {Ada}"),
        ["trace"] = new(layout => PrepareTraced(layout, Opened), 7, 22, 1, $"[account-opened 7 {First} {Ada}"),
    };

    public static TheoryData<LogLayout, string> Files => [.. Enum.GetValues<LogLayout>().SelectMany(layout => Samples.Keys.Select(name => (layout, name)))];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_writer_writes_exactly_these_bytes(LogLayout layout, string name)
    {
        var sample = Samples[name];

        var written = sample.Prepare(layout).Build(sample.FirstVersion, sample.Base);

        Assert.Equal(Print(layout, Golden(layout, name)), FixSpan(Print(layout, written)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_reader_reads_exactly_this_header(LogLayout layout, string name)
    {
        var sample = Samples[name];
        var key = StreamKeys.Of(Account, out var bytes);

        var fault = FrameReader.Read(bytes, Golden(layout, name), out var header);

        Assert.Null(fault);
        Assert.Equal(new FrameHeader(key, Id, sample.FirstVersion, sample.Count, sample.Base, Partitions), header);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_reader_reads_exactly_these_events(LogLayout layout, string name)
    {
        var sample = Samples[name];

        if (sample.Count > 0)
        {
            Assert.Equal(sample.Events, string.Concat(ReadEvents(Golden(layout, name), sample.FirstVersion + sample.Count - 1).Select(Describe)));
        }
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void Bytes_come_back_as_they_were(LogLayout layout)
    {
        var payload = Assert.IsType<RawEvent>(Assert.Single(ReadEvents(Golden(layout, "bytes"), 3)).Payload);

        Assert.Equal(new byte[] { 0, 1, 0xFE, 0xFF, 0x7B }, payload.Data);
        Assert.Equal("image/png", payload.ContentType);
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void A_handler_sees_source_subject_and_trace(LogLayout layout)
    {
        var cloudEvent = Assert.Single(FrameEvents.Read(Account, Golden(layout, "trace")));

        Assert.Equal(("/account", "42"), (cloudEvent.Source, cloudEvent.Subject));
        Assert.Equal(("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01", "vendor=opaque"), (cloudEvent.TraceParent, cloudEvent.TraceState));
    }

    /// <summary>As a later version may write it: a field in the header and one in the event that this version does not know.</summary>
    [Fact]
    public void Fields_that_are_not_known_are_passed_over()
    {
        var frame = Golden(LogLayout.Binary, "unknown-fields");

        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out var header));
        Assert.Equal((1, 0, 1), (header.FirstVersion, header.Base, header.Count));
        Assert.Equal(Samples["single"].Events, string.Concat(ReadEvents(frame).Select(Describe)));
    }

    private static string Describe(RecordedEvent recorded)
    {
        var raw = (RawEvent)recorded.Payload;
        var metadata = string.Join(';', recorded.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
        var time = recorded.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return $"[{recorded.Type} {recorded.Version} {recorded.Id} {time} {raw.ContentType} {Encoding.UTF8.GetString(raw.Data.Span)} {metadata}]";
    }

    private static string Print(LogLayout layout, byte[] frame) => layout == LogLayout.Binary ? Convert.ToHexStringLower(frame) : Text(frame);

    private static byte[] Golden(LogLayout layout, string name)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EventSourcing", "Frames", "Golden", name + (layout == LogLayout.Binary ? ".hex" : ".json")));

        return layout == LogLayout.Binary ? Convert.FromHexString(string.Concat(text.Where(character => !char.IsWhiteSpace(character))))
            : text.EndsWith('\n') ? Bytes(text[..^1])
            : throw new InvalidOperationException($"Golden file {name} does not end with a line feed.");
    }

    private sealed record Sample(Func<LogLayout, IFrameBytes> Prepare, long FirstVersion, long Base, int Count, string Events);
}
