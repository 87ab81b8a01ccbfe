using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

public sealed class PublishedRecordTests
{
    private const string Structured = """{"specversion":"1.0","id":"1","source":"/shop","type":"placed","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tenant":"t","data":{"n":1}}""";

    [Fact]
    public void Structured_mode_is_read()
    {
        var found = Assert.Single(PublishedRecord.Read(Record(Structured, ("content-type", "application/cloudevents+json; charset=UTF-8"))));

        Assert.Equal(("1", "/shop", "placed", """{"n":1}"""), (found.Id, found.Source, found.Type, Encoding.UTF8.GetString(found.Data.Span)));
        Assert.Equal("t", found.Extensions["tenant"]);
    }

    [Fact]
    public void Structured_mode_is_read_without_any_header()
    {
        Assert.Equal("placed", Assert.Single(PublishedRecord.Read(Record(Structured))).Type);
    }

    [Fact]
    public void Binary_mode_is_read()
    {
        var found = Assert.Single(PublishedRecord.Read(Record(
            "payload", ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/shop"), ("ce_type", "placed"), ("ce_time", "2026-01-02T03:04:05Z"), ("ce_tenant", "t"), ("content-type", "text/plain"), ("other", "x"))));

        Assert.Equal(("1", "/shop", "placed", "text/plain", "payload"), (found.Id, found.Source, found.Type, found.DataContentType, Encoding.UTF8.GetString(found.Data.Span)));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), found.Time);
        Assert.Equal([KeyValuePair.Create("tenant", "t")], found.Extensions);
    }

    [Fact]
    public void A_record_without_a_value_holds_no_event()
    {
        Assert.Empty(PublishedRecord.Read(Record(null)));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/shop"}""")]
    public void Bytes_that_are_no_CloudEvent_are_refused(string value)
    {
        Assert.Throws<RecordRefusedException>(() => PublishedRecord.Read(Record(value)));
    }

    [Theory]
    [InlineData("ce_type")]
    [InlineData("ce_id")]
    [InlineData("ce_source")]
    public void Binary_mode_without_a_required_header_is_refused_and_names_it(string missing)
    {
        string[] required = ["ce_id", "ce_source", "ce_type"];
        (string, string)[] headers = [("ce_specversion", "1.0"), .. required.Where(name => name != missing).Select(name => (name, "x"))];

        Assert.Contains(missing, Assert.Throws<RecordRefusedException>(() => PublishedRecord.Read(Record("x", headers))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ce_specversion", "0.3")]
    [InlineData("ce_time", "yesterday")]
    public void Binary_mode_with_a_header_that_cannot_be_read_is_refused(string name, string value)
    {
        var record = Record("x", ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/shop"), ("ce_type", "placed"), (name, value));

        Assert.Contains(value, Assert.Throws<RecordRefusedException>(() => PublishedRecord.Read(record)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_keep_their_order_and_their_repetitions()
    {
        var headers = PublishedRecord.HeadersOf(Record("x", ("b", "1"), ("a", "2"), ("b", "3")));

        Assert.Equal([("b", "1"), ("a", "2"), ("b", "3")], headers.Select(header => (header.Key, Encoding.UTF8.GetString(header.Value.Span))));
    }

    private static ConsumeResult<byte[], byte[]> Record(string? value, params (string Name, string Value)[] headers)
    {
        var all = new Headers();
        Array.ForEach(headers, header => all.Add(header.Name, Encoding.UTF8.GetBytes(header.Value)));
        return new() { Message = new() { Key = [1], Value = value is null ? null! : Encoding.UTF8.GetBytes(value), Headers = all } };
    }
}
