using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Messaging.Patterns.CloudEvents;

namespace Messaging.Patterns.Tests.CloudEvents;

public sealed class CloudEventWriteTests
{
    private static readonly CloudEvent Small = new() { Id = "1", Source = "/s", Type = "t" };

    [Fact]
    public void Every_attribute_is_written()
    {
        var written = Write(Small with
        {
            Subject = "42",
            Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
            DataContentType = "application/vnd.a+json",
            DataSchema = "https://example.com/schema",
            Data = Encoding.UTF8.GetBytes("{\"a\": 1}"),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01",
            TraceState = "a=b",
            Extensions = new Dictionary<string, string> { ["tenant"] = "7" },
        });

        Assert.Equal(
            """
            {"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"42","time":"2026-03-01T12:00:00+00:00","dataschema":"https://example.com/schema",
            "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01","tracestate":"a=b","tenant":"7",
            "datacontenttype":"application/vnd.a+json","data":{"a": 1}}
            """.ReplaceLineEndings(""),
            written);
    }

    [Fact]
    public void What_is_not_there_is_not_written() =>
        Assert.Equal("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json"}""", Write(Small));

    [Fact]
    public void What_is_not_JSON_is_written_as_Base64() => Assert.Equal(
        """{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"image/png","data_base64":"AP8B"}""",
        Write(Small with { DataContentType = "image/png", Data = new byte[] { 0, 255, 1 } }));

    [Fact]
    public void The_current_trace_is_written()
    {
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        Assert.Equal($"{{\"traceparent\":\"{activity.Id}\"}}", WriteTrace());
        activity.TraceStateString = "a=b";
        Assert.Equal($"{{\"traceparent\":\"{activity.Id}\",\"tracestate\":\"a=b\"}}", WriteTrace());
    }

    [Fact]
    public void Without_a_trace_nothing_is_written()
    {
        Activity.Current = null;
        Assert.Equal("{}", WriteTrace());

        using var other = new Activity("test").SetIdFormat(ActivityIdFormat.Hierarchical).Start();
        Assert.Equal("{}", WriteTrace());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_written_is_read_again(int seed)
    {
        var random = new Random(seed);

        for (var round = 0; round < 1_000; round++)
        {
            var cloudEvent = Draw(random);
            var read = CloudEventJson.Read(Encoding.UTF8.GetBytes(Write(cloudEvent)));

            Assert.Equal(cloudEvent with { Data = default, Extensions = read.Extensions }, read with { Data = default });
            Assert.Equal(cloudEvent.Data.ToArray(), read.Data.ToArray());
            Assert.Equal(cloudEvent.Extensions.OrderBy(one => one.Key, StringComparer.Ordinal), read.Extensions.OrderBy(one => one.Key, StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Changed_bytes_are_an_event_or_a_fault(int seed)
    {
        var random = new Random(seed);
        var (read, refused) = (0, 0);

        for (var round = 0; round < 3_000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Write(Draw(random)));
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            try
            {
                CloudEventJson.Read(bytes);
                read++;
            }
            catch (CloudEventFormatException)
            {
                refused++;
            }
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
    }

    private static CloudEvent Draw(Random random)
    {
        var isJson = random.Next(2) == 0;
        var data = new byte[random.Next(20)];
        random.NextBytes(data);
        return new CloudEvent
        {
            Id = Text(random),
            Source = Text(random),
            Type = Text(random),
            Subject = Maybe(random),
            Time = random.Next(2) == 0 ? null : new DateTimeOffset(random.NextInt64(DateTime.UnixEpoch.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero),
            DataContentType = isJson ? "application/json" : "application/octet-stream",
            DataSchema = Maybe(random),
            Data = !isJson ? data : random.Next(2) == 0 ? default : JsonSerializer.SerializeToUtf8Bytes(new { text = Text(random), number = random.Next() }),
            TraceParent = Maybe(random),
            TraceState = Maybe(random),
            Extensions = Enumerable.Range(0, random.Next(3)).ToDictionary(number => $"ext{number}", _ => Text(random)),
        };
    }

    private static string? Maybe(Random random) => random.Next(2) == 0 ? null : Text(random);

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => new Rune(random.Next(0xD7FF)).ToString()));

    private static string Write(CloudEvent cloudEvent) => Write(writer => CloudEventJson.Write(writer, cloudEvent));

    private static string WriteTrace() => Write(writer =>
    {
        writer.WriteStartObject();
        CloudEventJson.WriteTrace(writer);
        writer.WriteEndObject();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        write(writer);
        writer.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
