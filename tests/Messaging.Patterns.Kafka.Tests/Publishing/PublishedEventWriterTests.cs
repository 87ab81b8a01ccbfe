using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Kafka.Tests.Publishing;

/// <summary>Published events, byte for byte, as others read them. The files never change; each ends with one line feed that is not part of the record.</summary>
public sealed class PublishedEventWriterTests
{
    private static readonly EventCodec Codec = new(new EventTypeOptions { Types = { typeof(PriceChanged) } });

    private readonly ManualClock _clock = new();

    [Fact]
    public void An_event_is_written_as_its_golden_file() => Assert.Equal(
        Golden("published"),
        Write(new EventData(new PriceChanged("büch \"7\"", 12.50m)) { Id = "price-7", Metadata = new Dictionary<string, string> { ["tenant"] = "ä" } }));

    [Fact]
    public void Bytes_are_written_as_their_golden_file() => Assert.Equal(
        Golden("published-bytes"),
        Write(new EventData(new RawEvent("photo-taken", new byte[] { 0, 255, 1 }, "image/png"))
        {
            Id = "photo-7",
            Time = new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.FromHours(2)),
        }));

    [Fact]
    public void The_trace_is_written_as_its_golden_file()
    {
        using var activity = new Activity("publish").SetIdFormat(ActivityIdFormat.W3C);
        activity.SetParentId(ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded);
        activity.TraceStateString = "vendor=opaque";
        activity.Start();

        var written = Write(new EventData(new PriceChanged("p", 1)) { Id = "price-7" });

        // The span is drawn at random.
        Assert.Equal(Golden("published-trace"), Regex.Replace(written, "(?<=-4bf92f3577b34da6a3ce929d0e0e4736-)[0-9a-f]{16}", "00f067aa0ba902b8"));
    }

    [Theory]
    [MemberData(nameof(InBinaryMode))]
    public void Binary_mode_is_written_as_its_golden_file_and_read_back(string file, EventData data)
    {
        using var activity = new Activity("publish").SetIdFormat(ActivityIdFormat.W3C);
        activity.SetParentId(ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded);
        activity.TraceStateString = "vendor=opaque";
        activity.Start();

        var written = Create("/shop").WriteBinary(data);

        // The span is drawn at random.
        var text = string.Join('\n', written.Headers.Select(header => $"{header.Name}: {Encoding.UTF8.GetString(header.Value.Span)}").Append("").Append(Convert.ToHexStringLower(written.Value)));
        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Publishing", "Golden", file))[..^1], Regex.Replace(text, "(?<=-4bf92f3577b34da6a3ce929d0e0e4736-)[0-9a-f]{16}", "00f067aa0ba902b8"));
        var read = Assert.Single(PublishedRecord.Read(RecordOf(written)));
        Assert.Equal((data.Id, "/shop", Codec.GetTypeName(data.Payload), data.Time ?? _clock.GetUtcNow(), activity.Id, "vendor=opaque"), (read.Id, read.Source, read.Type, read.Time, read.TraceParent, read.TraceState));
        Assert.Equal(data.Metadata, read.Extensions);
        Assert.Equal((Codec.ContentTypeOf(data.Payload), Convert.ToHexString(written.Value)), (read.DataContentType, Convert.ToHexString(read.Data.Span)));
    }

    public static TheoryData<string, EventData> InBinaryMode() => new()
    {
        { "binary.txt", new EventData(new PriceChanged("büch \"7\"", 12.50m)) { Id = "price-7", Metadata = new Dictionary<string, string> { ["tenant"] = "ä" } } },
        { "binary-bytes.txt", new EventData(new RawEvent("photo-taken", new byte[] { 0, 255, 1 }, "image/png")) { Id = "photo-7", Time = new DateTimeOffset(2025, 12, 31, 23, 59, 59, TimeSpan.FromHours(2)).AddTicks(1234500) } },
        { "binary-no-data.txt", new EventData(new RawEvent("bell-rung", default, "text/plain")) { Id = "bell-7" } },
    };

    [Fact]
    public void In_binary_mode_too_an_event_without_an_id_gets_one_and_metadata_cannot_take_the_place_of_attributes()
    {
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(PublishedRecord.Read(RecordOf(Create("/shop").WriteBinary(new EventData(new PriceChanged("p", 1)))))).Id);
        Assert.Throws<ArgumentException>(() => Create("/shop").WriteBinary(new EventData(new PriceChanged("p", 1)) { Metadata = new Dictionary<string, string> { ["source"] = "x" } }));
    }

    [Fact]
    public void An_event_without_an_id_gets_one_of_its_own()
    {
        var (first, second) = (Read(new EventData(new PriceChanged("p", 1))), Read(new EventData(new PriceChanged("p", 1))));

        Assert.NotEqual(first.Id, second.Id);
        Assert.Matches("^[0-9a-f]{32}$", first.Id);
        Assert.Equal(_clock.GetUtcNow(), first.Time);
    }

    [Theory]
    [InlineData(null, null, "/messaging-patterns")]
    [InlineData(null, "My Shop", "/My%20Shop")]
    [InlineData("https://example.com/shop", "My Shop", "https://example.com/shop")]
    public void The_source_is_the_one_set_or_the_application(string? source, string? application, string expected) =>
        Assert.Equal(expected, CloudEventJson.Read(Create(source, application).Write(new EventData(new PriceChanged("p", 1)))).Source);

    [Theory]
    [InlineData("source")]
    [InlineData("Tenant")]
    public void Metadata_cannot_take_the_place_of_attributes(string name)
    {
        Assert.Throws<ArgumentException>(() => Write(new EventData(new PriceChanged("p", 1)) { Metadata = new Dictionary<string, string> { [name] = "x" } }));

        Assert.Equal("price-7", Read(new EventData(new PriceChanged("p", 1)) { Id = "price-7" }).Id);
    }

    [Fact]
    public void Large_and_small_events_follow_each_other()
    {
        var large = new string('x', 3 << 20);

        Assert.Equal(large.Length, Read(new EventData(new RawEvent("large", Encoding.ASCII.GetBytes(large), "text/plain"))).Data.Length);
        Assert.Equal("price-7", Read(new EventData(new PriceChanged("p", 1)) { Id = "price-7" }).Id);
    }

    private static ConsumeResult<byte[], byte[]> RecordOf(BinaryEvent written)
    {
        var headers = new Headers();
        written.Headers.ToList().ForEach(header => headers.Add(header.Name, header.Value.ToArray()));
        return new() { Message = new() { Key = [1], Value = written.Value, Headers = headers } };
    }

    private CloudEvent Read(EventData data) => CloudEventJson.Read(Encoding.UTF8.GetBytes(Write(data)));

    private string Write(EventData data) => Encoding.UTF8.GetString(Create("/shop").Write(data));

    private PublishedEventWriter Create(string? source, string? application = null) => new(Codec, _clock, source ?? PublishedEventWriter.DefaultSource(application));

    private static string Golden(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Publishing", "Golden", $"{name}.json"))[..^1];

    [EventType("price-changed")]
    private sealed record PriceChanged(string Product, decimal Price);
}
