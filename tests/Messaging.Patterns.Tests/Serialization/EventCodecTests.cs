using System.Buffers;
using System.Text;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Tests.Serialization;

public sealed class EventCodecTests
{
    private static readonly EventCodec Codec = new(new EventTypeOptions { Types = { typeof(Opened), typeof(Value) } });

    [Fact]
    public void A_payload_is_written_and_read_under_its_declared_name()
    {
        var opened = new Opened("Ädä", 12.50m, null);

        Assert.Equal("opened", Codec.GetTypeName(opened));
        Assert.Equal("""{"owner":"Ädä","amount":12.50,"note":null}""", Encode(Codec, opened));
        Assert.Equal(opened, Decode(Codec, "opened", """{"owner":"Ädä","amount":12.50,"note":null}"""));
        Assert.Equal(new Value(7), Decode(Codec, "value", "{\"number\":7}"));
    }

    [Fact]
    public void Names_of_members_are_read_in_any_case() => Assert.Equal(new Value(7), Decode(Codec, "value", "{\"NUMBER\":7}"));

    [Fact]
    public void A_raw_event_keeps_its_name_and_its_bytes()
    {
        var raw = new RawEvent("anything", Encoding.UTF8.GetBytes(" {\"b\" : 1e3} "));

        Assert.Equal("anything", Codec.GetTypeName(raw));
        Assert.Equal(" {\"b\" : 1e3} ", Encode(Codec, raw));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{,}")]
    [InlineData("// comment")]
    [InlineData("no JSON")]
    public void A_raw_event_that_says_it_is_JSON_is_checked_to_be(string data)
    {
        var refused = Assert.Throws<EventSerializationException>(() => Encode(Codec, new RawEvent("raw", Encoding.UTF8.GetBytes(data), "application/x+json")));

        Assert.StartsWith("An event of type 'raw' says 'application/x+json', but its data is not one JSON value: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(data, Encode(Codec, new RawEvent("raw", Encoding.UTF8.GetBytes(data), "text/plain")));
    }

    [Fact]
    public void JSON_is_UTF_8() =>
        Assert.EndsWith("it is not UTF-8", Assert.Throws<EventSerializationException>(() => Encode(Codec, new RawEvent("raw", new byte[] { (byte)'"', 0xFF, (byte)'"' }))).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_are_known_in_both_directions()
    {
        Assert.True(Codec.Knows("opened"));
        Assert.False(Codec.Knows("Opened"));
        Assert.Equal(typeof(Opened), Codec.FindClrType("opened"));
        Assert.Null(Codec.FindClrType("closed"));
        Assert.Equal("value", Codec.GetTypeName(typeof(Value)));
    }

    [Fact]
    public void A_type_that_is_not_registered_is_named_with_the_remedy()
    {
        var unknown = Assert.Throws<UnknownEventTypeException>(() => Codec.GetTypeName(new Unregistered()));

        Assert.Equal(typeof(Unregistered).FullName, unknown.Type);
        Assert.Equal(
            $"'{typeof(Unregistered)}' is not a registered event type. Declare its name with [EventType(\"...\")] and register it with AddEventType<Unregistered>() or AddEventTypes<Unregistered>().",
            unknown.Message);
        Assert.Throws<UnknownEventTypeException>(() => Codec.GetTypeName(new DerivedFromOpened()));
        Assert.Throws<UnknownEventTypeException>(() => Codec.GetTypeName("text"));
    }

    [Fact]
    public void A_name_that_is_not_registered_is_named_with_the_remedy()
    {
        var unknown = Assert.Throws<UnknownEventTypeException>(() => Decode(Codec, "closed", "{}"));

        Assert.Equal("closed", unknown.Type);
        Assert.Equal("Event type 'closed' is not registered. Register its class with AddEventType<T>(), or an upcaster that reads it.", unknown.Message);
        Assert.False(unknown.IsTransient);
    }

    [Theory]
    [InlineData("{\"number\":\"seven\"}", "The payload is no JSON of an event of type 'Messaging.Patterns.Tests.Serialization.EventCodecTests+Value': ")]
    [InlineData("{\"number\":7} ,", "The payload is no JSON of an event of type 'Messaging.Patterns.Tests.Serialization.EventCodecTests+Value': ")]
    [InlineData("", "The payload is no JSON of an event of type 'Messaging.Patterns.Tests.Serialization.EventCodecTests+Value': ")]
    public void Bytes_that_are_no_payload_of_the_type_are_refused(string data, string message) =>
        Assert.StartsWith(message, Assert.Throws<EventSerializationException>(() => Decode(Codec, "value", data)).Message, StringComparison.Ordinal);

    [Fact]
    public void Null_is_no_payload() => Assert.Equal(
        $"The payload of an event of type '{typeof(Opened)}' is null.",
        Assert.Throws<EventSerializationException>(() => Decode(Codec, "opened", "null")).Message);

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("text/json")]
    [InlineData("application/vnd.shop+json")]
    public void Every_kind_of_JSON_is_read(string contentType) =>
        Assert.Equal(new Value(7), Codec.Decode("value", contentType, Encoding.UTF8.GetBytes("{\"number\":7}")));

    [Fact]
    public void Another_content_type_is_refused() => Assert.Equal(
        "An event of type 'value' has content type 'application/avro', but the serializers read 'application/json'. Add one that reads it with AddEventSerializer<T>().",
        Assert.Throws<EventSerializationException>(() => Codec.Decode("value", "application/avro", default)).Message);

    [Fact]
    public void Another_serializer_takes_over_with_its_content_type()
    {
        var codec = new EventCodec(new EventTypeOptions { Types = { typeof(Value) } }, new Digits("text/digits"));

        Assert.Equal("text/digits", codec.ContentTypeOf(new Value(7)));
        Assert.Equal("7", Encode(codec, new Value(7)));
        Assert.Equal(new Value(7), codec.Decode("value", "text/digits", "7"u8.ToArray()));
        Assert.Throws<EventSerializationException>(() => codec.Decode("value", "application/json", "7"u8.ToArray()));
    }

    [Fact]
    public void A_serializer_of_a_type_writes_it_and_reads_its_media_type_beside_the_default_one()
    {
        var codec = new EventCodec(new EventTypeOptions { Types = { typeof(Value), typeof(Opened) } }, serializer: null, [new(new Digits("text/digits"), [typeof(Value)])]);

        Assert.Equal(("text/digits", "application/json", "text/plain"), (codec.ContentTypeOf(new Value(7)), codec.ContentTypeOf(new Opened("x", 1, null)), codec.ContentTypeOf(new RawEvent("t", default, "text/plain"))));
        Assert.Equal("7", Encode(codec, new Value(7)));
        Assert.Equal(new Value(7), codec.Decode("value", "text/digits", "7"u8.ToArray()));
        Assert.Equal(new Value(7), codec.Decode("value", "application/json", "{\"number\":7}"u8.ToArray()));
        Assert.Contains("read 'text/digits', 'application/json'", Assert.Throws<EventSerializationException>(() => codec.Decode("value", "application/avro", default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_with_two_serializers_is_refused() => Assert.Contains(
        "Name the type in one AddEventSerializer",
        Assert.Throws<MessagingException>(() => new EventCodec(new EventTypeOptions(), null, [new(new Digits("a/b"), [typeof(Value)]), new(new Digits("a/c"), [typeof(Value)])])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Another_serializer_that_says_it_writes_JSON_is_checked_to()
    {
        var codec = new EventCodec(new EventTypeOptions { Types = { typeof(Value) } }, new Digits("application/json"));

        Assert.Equal("7", Encode(codec, new Value(7)));
        Assert.Throws<EventSerializationException>(() => Encode(codec, new Value(-1)));
    }

    [Fact]
    public void A_codec_of_faulty_options_is_refused() =>
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => new EventCodec(new EventTypeOptions { Types = { typeof(Unregistered) } }));

    private static string Encode(EventCodec codec, object payload)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.Encode(payload, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static object Decode(EventCodec codec, string type, string data) => codec.Decode(type, "application/json", Encoding.UTF8.GetBytes(data));

    [EventType("opened")]
    private record Opened(string Owner, decimal Amount, string? Note);

    private sealed record DerivedFromOpened() : Opened("", 0, null);

    [EventType("value")]
    private readonly record struct Value(int Number);

    private sealed record Unregistered;

    /// <summary>Writes the number alone; a negative one as text that is no JSON.</summary>
    private sealed class Digits(string contentType) : IEventSerializer
    {
        public string ContentType { get; } = contentType;

        public void Serialize(object payload, IBufferWriter<byte> output) =>
            output.Write(Encoding.ASCII.GetBytes(((Value)payload).Number is >= 0 and var number ? JsonSerializer.Serialize(number) : "minus"));

        public object Deserialize(ReadOnlyMemory<byte> data, Type type) => new Value(int.Parse(data.Span, System.Globalization.CultureInfo.InvariantCulture));
    }
}
