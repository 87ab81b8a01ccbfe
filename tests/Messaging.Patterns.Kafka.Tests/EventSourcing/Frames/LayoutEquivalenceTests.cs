using System.Text;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using static Messaging.Patterns.Kafka.Tests.EventSourcing.Frames.FrameSamples;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Frames;

/// <summary>Whatever can be written in one layout can be written in the other, and reads back equal.</summary>
public sealed class LayoutEquivalenceTests
{
    private const int Rounds = 30;

    private static readonly string[] Texts = ["a", "0", "x-1/\"\\\u0000\n", "größe", "東京 \U0001F680", "\uFEFF", "\uD800", new string('ü', 200), new string('z', 70_000)];

    private static readonly string[] Json = ["{}", "[]", "0", "\"\"", "true", " {\"a\": [1, 2.50, {\"b\": null}]} ", new string('[', 900) + new string(']', 900), "\"" + new string('x', 100_000) + "\""];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_layouts_read_back_equal(int seed)
    {
        var random = new Random(seed);

        for (var round = 0; round < Rounds; round++)
        {
            var events = Enumerable.Range(0, random.Next(10) == 0 ? random.Next(100, 300) : random.Next(1, 5)).Select(_ => Draw(random)).ToArray();
            var first = random.NextInt64(1, long.MaxValue - events.Length);

            var (texts, bytes) = (ReadBack(LogLayout.CloudEvents, events, first), ReadBack(LogLayout.Binary, events, first));

            Assert.Equal(texts.Select(Describe), bytes.Select(Describe));
            Assert.Equal(events.Length, bytes.Count);
        }
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void What_was_given_is_what_is_read(LogLayout layout)
    {
        var time = new DateTimeOffset(2026, 11, 24, 15, 26, 44, TimeSpan.FromMinutes(-210)).AddTicks(9_259_907);
        EventData[] events =
        [
            Charged with { Id = "größe/7", Time = time, Metadata = new Dictionary<string, string> { ["tenant"] = "東京", ["empty"] = "", ["absent"] = null! } },
            new(new RawEvent("photo-taken", new byte[] { 0xFC, 0, 1 }, "image/png")) { Time = DateTimeOffset.MaxValue },
            new(new RawEvent("tick", default, "text/plain")) { Time = DateTimeOffset.MinValue },
        ];

        var read = ReadBack(layout, events, 5);

        Assert.Equal([5, 6, 7], read.Select(one => one.Version));
        Assert.Equal(("größe/7", "account-charged", time.ToUniversalTime()), (read[0].Id, read[0].Type, read[0].Time));
        Assert.Equal([("empty", ""), ("tenant", "東京")], read[0].Metadata.Select(entry => (entry.Key, entry.Value)).Order());
        Assert.Equal([0xFC, 0, 1], ((RawEvent)read[1].Payload).Data.ToArray());
        Assert.Equal((DateTimeOffset.MaxValue, Id.ToEventId(1)), (read[1].Time, read[1].Id));
        Assert.Equal((DateTimeOffset.MinValue, "text/plain", 0), (read[2].Time, ((RawEvent)read[2].Payload).ContentType, ((RawEvent)read[2].Payload).Data.Length));
        Assert.All(read, one => Assert.Equal((Account, Position.At("accounts:3", 78)), (one.Stream, one.Position)));
    }

    [Theory]
    [InlineData(LogLayout.CloudEvents)]
    [InlineData(LogLayout.Binary)]
    public void Only_the_versions_that_are_wanted_are_read(LogLayout layout)
    {
        var frame = Prepare(layout, Opened, Charged, Charged, Charged).Build(5, 0);

        Assert.Equal([7, 8], Read(frame, from: 7, maxCount: 9).Select(one => one.Version));
        Assert.Equal([6, 7], Read(frame, from: 6, maxCount: 2).Select(one => one.Version));
        Assert.Equal([5], Read(frame, from: 5, maxCount: 1).Select(one => one.Version));
        Assert.Empty(Read(frame, from: 9, maxCount: 1));
    }

    [Theory]
    [InlineData("streamversion")]
    [InlineData("subject")]
    [InlineData("Tenant")]
    [InlineData("")]
    public void Metadata_that_one_layout_refuses_the_other_refuses_too(string name)
    {
        var data = Opened with { Metadata = new Dictionary<string, string> { [name] = "1" } };

        Assert.Equal(
            Assert.Throws<ArgumentException>(() => Prepare(LogLayout.CloudEvents, data)).Message,
            Assert.Throws<ArgumentException>(() => Prepare(LogLayout.Binary, data)).Message);
    }

    [Theory]
    [InlineData("messaging-patterns.barrier", "{}")]
    [InlineData("raw", "{\"a\":")]
    [InlineData("raw", "")]
    public void Payloads_that_one_layout_refuses_the_other_refuses_too(string type, string json)
    {
        var data = new EventData(new RawEvent(type, Bytes(json)));

        var (one, other) = (Record.Exception(() => Prepare(LogLayout.CloudEvents, data)), Record.Exception(() => Prepare(LogLayout.Binary, data)));

        Assert.NotNull(one);
        Assert.Equal((one.GetType(), one.Message), (other?.GetType(), other?.Message));
    }

    private static EventData Draw(Random random)
    {
        var type = Pick(random, "tick", "account-charged", "ereignis/größe", new string('t', 200));
        object payload = random.Next(4) switch
        {
            0 => new AccountOpened(Pick(random, Texts)),
            1 => new AccountCharged(random.Next(), Pick(random, Texts)),
            2 => new RawEvent(type, Bytes(Pick(random, Json)), Pick(random, "application/json", "application/vnd.größe+json; charset=utf-8")),
            _ => new RawEvent(type, RandomBytes(random), Pick(random, "application/octet-stream", "avro/binary", "text/plain")),
        };

        return new EventData(payload)
        {
            Id = random.Next(3) == 0 ? Pick(random, Texts) : null,
            Time = random.Next(3) == 0 ? new DateTimeOffset(random.NextInt64(DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero) : null,
            Metadata = Enumerable.Range(0, random.Next(4)).ToDictionary(number => $"name{number}", _ => random.Next(5) == 0 ? null! : Pick(random, [.. Texts, ""])),
        };
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(20) == 0 ? 200_000 : random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];

    private static List<RecordedEvent> ReadBack(LogLayout layout, EventData[] events, long firstVersion)
    {
        var frame = Prepare(layout, events).Build(firstVersion, 0);
        Assert.Null(FrameReader.Read(Bytes("account-42"), frame, out var header));
        Assert.Equal((firstVersion, events.Length), (header.FirstVersion, header.Count));
        return ReadEvents(frame, header.LastVersion);
    }

    private static List<RecordedEvent> Read(byte[] frame, long from, long maxCount)
    {
        var events = new List<RecordedEvent>();
        new FrameEvents(Codec).Read(new(Account, Position.Start, new("account-42", 0, 8, frame), IsRaw: false) { From = from, MaxCount = maxCount }, events);
        return events;
    }

    // White space around JSON has no meaning, and the layout that is JSON itself does not keep it.
    private static string Describe(RecordedEvent recorded)
    {
        var raw = (RawEvent)recorded.Payload;
        var data = raw.ContentType.Contains("json", StringComparison.Ordinal) ? JsonText(raw.Data) : Convert.ToHexStringLower(raw.Data.Span);
        var metadata = string.Join(';', recorded.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
        return $"{recorded.Version} {recorded.Id} {recorded.Type} {recorded.Time.UtcTicks} {raw.ContentType} {data} {metadata}";
    }

    private static string JsonText(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span).Trim() is var text && JsonDocument.Parse(text, new() { MaxDepth = 2_000 }) is not null ? text : "";
}
