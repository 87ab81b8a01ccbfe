using System.Text;
using Messaging.Patterns.CloudEvents;

namespace Messaging.Patterns.Tests.CloudEvents;

public sealed class CloudEventReadTests
{
    private const string Required = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"";

    [Fact]
    public void Every_attribute_is_read()
    {
        var read = Read("""
            {
              "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext/4", "subject": "larger-context", "id" : "C234-1234-1234",
              "time" : "2018-04-05T17:31:00.5+02:00", "datacontenttype" : "application/vnd.a+json; charset=utf-8", "dataschema": "https://example.com/schema",
              "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01", "tracestate": "a=b", "comexampleextension1" : "value",
              "data" : { "appinfoA" : "abc" }
            }
            """);

        Assert.Equal(("com.example.someevent", "/mycontext/4", "larger-context", "C234-1234-1234"), (read.Type, read.Source, read.Subject, read.Id));
        Assert.Equal(new DateTimeOffset(2018, 4, 5, 17, 31, 0, 500, TimeSpan.FromHours(2)), read.Time);
        Assert.Equal(("application/vnd.a+json; charset=utf-8", "https://example.com/schema"), (read.DataContentType, read.DataSchema));
        Assert.Equal(("00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01", "a=b"), (read.TraceParent, read.TraceState));
        Assert.Equal([new("comexampleextension1", "value")], read.Extensions);
        Assert.Equal("{ \"appinfoA\" : \"abc\" }", DataOf(read));
    }

    [Fact]
    public void What_is_not_said_has_the_defaults_of_the_format()
    {
        var read = Read($"{{{Required}}}");

        Assert.Equal((null, null, null, null, null), (read.Subject, read.Time, read.DataSchema, read.TraceParent, read.TraceState));
        Assert.Equal("application/json", read.DataContentType);
        Assert.True(read.Data.IsEmpty);
        Assert.Empty(read.Extensions);
    }

    [Theory]
    [InlineData("subject")]
    [InlineData("time")]
    [InlineData("datacontenttype")]
    [InlineData("dataschema")]
    [InlineData("data")]
    [InlineData("data_base64")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("myextension")]
    public void Null_is_the_same_as_nothing(string name) => Assert.Equivalent(Read($"{{{Required}}}"), Read($"{{{Required},\"{name}\":null}}"), strict: true);

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("\"\\u00e4\\n\"", "ä\n")]
    [InlineData("-12", "-12")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    public void An_extension_attribute_may_be_a_string_a_number_or_a_boolean(string json, string expected) =>
        Assert.Equal(expected, Read($"{{{Required},\"ext\":{json}}}").Extensions["ext"]);

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("[1]")]
    public void An_extension_attribute_cannot_be_a_structure(string json) =>
        AssertRefused($"{{{Required},\"ext\":{json}}}", $"Expected a string, a number or a boolean as extension attribute at byte {Required.Length + 8}, but found Start");

    [Theory]
    [InlineData("{\"a\":[1,{}]}")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("12.50")]
    [InlineData("true")]
    public void Data_in_JSON_is_kept_as_it_is(string data) => Assert.Equal(data, DataOf(Read($"{{\"data\":{data},{Required}}}")));

    [Fact]
    public void Data_of_another_media_type_is_the_text_of_a_JSON_string() =>
        Assert.Equal("<a b=\"c\"/>\n", DataOf(Read($"{{{Required},\"data\":\"<a b=\\\"c\\\"/>\\n\",\"datacontenttype\":\"text/xml\"}}")));

    [Fact]
    public void Data_of_another_media_type_that_is_no_string_stays_JSON() =>
        Assert.Equal("{\"a\":1}", DataOf(Read($"{{{Required},\"datacontenttype\":\"application/custom\",\"data\":{{\"a\":1}}}}")));

    [Fact]
    public void Bytes_are_read_from_Base64() =>
        Assert.Equal(new byte[] { 0, 255, 1 }, Read($"{{{Required},\"datacontenttype\":\"image/png\",\"data_base64\":\"AP8B\"}}").Data);

    [Fact]
    public void An_empty_content_type_is_none() => Assert.Equal("application/json", Read($"{{{Required},\"datacontenttype\":\"\"}}").DataContentType);

    [Fact]
    public void Data_may_be_deep() =>
        Assert.Equal(2_000, Read($"{{{Required},\"data\":{new string('[', 1_000)}{new string(']', 1_000)}}}").Data.Length);

    [Theory]
    [InlineData("specversion")]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("type")]
    public void A_required_attribute_that_is_missing_null_or_empty_is_named(string name)
    {
        var message = $"The CloudEvent at byte 1 lacks '{name}', or it is empty.";

        AssertRefused(" " + $"{{{Required}}}".Replace($"\"{name}\"", "\"other\"", StringComparison.Ordinal), message);
        AssertRefused(" " + $"{{{Required},\"{name}\":null}}", message);
        AssertRefused(" " + $"{{{Required},\"{name}\":\"\"}}", message);
    }

    [Theory]
    [InlineData("{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}", "Expected 'specversion' 1.0 in the CloudEvent at byte 0, but found '0.3'.")]
    [InlineData("", "Expected a CloudEvent in JSON, but at or after byte 0 it is none: The input does not contain any JSON tokens.")]
    [InlineData("null", "Expected a JSON object at byte 0, but found Null.")]
    [InlineData("5", "Expected a JSON object at byte 0, but found Number.")]
    [InlineData("[5]", "Expected a JSON object at byte 1, but found Number.")]
    [InlineData("{\"id\":5}", "Expected a CloudEvent in JSON, but at or after byte 6 it is none: Cannot get the value of a token type 'Number' as a string.")]
    [InlineData("{\"time\":\"yesterday\"}", "Expected a CloudEvent in JSON, but at or after byte 8 it is none: The JSON value is not in a supported DateTimeOffset format.")]
    [InlineData("{\"data_base64\":\"%\"}", "Expected a CloudEvent in JSON, but at or after byte 15 it is none:")]
    [InlineData("{\"data\":1,\"data_base64\":\"AA==\"}", "The CloudEvent at byte 0 has its data twice.")]
    [InlineData("{\"data_base64\":\"AA==\",\"data\":1}", "The CloudEvent at byte 0 has its data twice.")]
    [InlineData("{\"id\":\"1\"", "Expected a CloudEvent in JSON, but at or after byte 6 it is none:")]
    [InlineData("{\"id\":\"1\",}", "Expected a CloudEvent in JSON, but at or after byte")]
    public void What_is_malformed_is_refused_with_its_place(string json, string message) => AssertRefused(json, message);

    [Fact]
    public void More_than_one_value_is_refused() =>
        AssertRefused($"{{{Required}}} {{}}", "Expected a CloudEvent in JSON, but at or after byte");

    [Fact]
    public void A_batch_is_read_in_order()
    {
        var events = new List<CloudEvent>();
        CloudEventJson.Read(Bytes($"[{{{Required},\"data\":1}},{{{Required},\"data\":[2]}},{{{Required}}}]"), events);

        Assert.Equal(["1", "[2]", ""], events.Select(DataOf));
    }

    [Fact]
    public void A_batch_may_be_empty()
    {
        var events = new List<CloudEvent>();
        CloudEventJson.Read(Bytes("[]"), events);

        Assert.Empty(events);
    }

    [Fact]
    public void A_fault_in_a_batch_names_the_event_by_its_place() =>
        AssertRefused($"[{{{Required}}},{{\"specversion\":\"1.0\"}}]", $"The CloudEvent at byte {Required.Length + 4} lacks 'id', or it is empty.");

    [Fact]
    public void Where_one_event_is_expected_a_batch_is_refused() =>
        Assert.Equal(
            "Expected one CloudEvent, but found a batch of 2.",
            Assert.Throws<CloudEventFormatException>(() => CloudEventJson.Read(Bytes($"[{{{Required}}},{{{Required}}}]"))).Message);

    [Fact]
    public void Extension_attributes_can_be_left_out_whatever_they_hold()
    {
        var events = new List<CloudEvent>();
        CloudEventJson.Read(Bytes($"{{{Required},\"own\":{{\"deep\":[1]}},\"other\":\"x\"}}"), events, (ref reader) => reader.ValueTextEquals("own"u8));

        Assert.Equal(["other"], Assert.Single(events).Extensions.Keys);
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON ; charset=utf-8", true)]
    [InlineData("text/json", true)]
    [InlineData("application/cloudevents+json", true)]
    [InlineData("application/json2", false)]
    [InlineData("text/plain; a=/json", false)]
    [InlineData("", false)]
    public void JSON_is_told_by_the_media_type(string contentType, bool isJson) => Assert.Equal(isJson, CloudEventJson.IsJson(contentType));

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private static string DataOf(CloudEvent cloudEvent) => Encoding.UTF8.GetString(cloudEvent.Data.Span);

    private static CloudEvent Read(string json) => CloudEventJson.Read(Bytes(json));

    private static void AssertRefused(string json, string message) =>
        Assert.StartsWith(message, Assert.Throws<CloudEventFormatException>(() => Read(json)).Message, StringComparison.Ordinal);
}
