using System.Text;
using System.Text.Json.Nodes;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Tests.Serialization;

public sealed class UpcastingTests
{
    [Fact]
    public void JSON_goes_through_every_upcaster_then_classes_through_every_conversion()
    {
        var codec = Build(builder => builder
            .AddUpcaster("named-v1", "named-v2", json => new JsonObject { ["name"] = json["n"]!.GetValue<string>() + "2" })
            .AddUpcaster("named-v2", "named-v3", Append("name", "3"))
            .AddUpcaster<NamedV3, NamedV4>(old => new(old.Name + "4", 0))
            .AddUpcaster<NamedV4, Named>(old => new(old.Name + "5")));

        Assert.Equal(new Named("x2345"), Decode(codec, "named-v1", "{\"n\":\"x\"}"));
        Assert.Equal(new Named("x345"), Decode(codec, "named-v2", "{\"name\":\"x\"}"));
        Assert.Equal(new Named("x45"), Decode(codec, "named-v3", "{\"name\":\"x\"}"));
        Assert.Equal(new Named("x5"), Decode(codec, "named-v4", "{\"name\":\"x\"}"));
        Assert.Equal(new Named("x"), Decode(codec, "named", "{\"name\":\"x\"}"));
    }

    [Fact]
    public void Every_name_of_the_chain_is_known_and_leads_to_the_newest_class()
    {
        var codec = Build(builder => builder
            .AddUpcaster("named-v2", "named-v3", json => json)
            .AddUpcaster<NamedV3, Named>(old => new(old.Name)));

        Assert.All(["named-v2", "named-v3", "named"], name => Assert.Equal((true, typeof(Named)), (codec.Knows(name), codec.FindClrType(name))));
        Assert.False(codec.Knows("named-v1"));
    }

    [Fact]
    public void An_upcaster_may_read_a_name_whose_class_is_still_registered()
    {
        var codec = Build(builder => builder.AddEventType<NamedV3>().AddEventType<Named>().AddUpcaster("named-v3", "named", Append("name", "!")));

        Assert.Equal(new Named("x!"), Decode(codec, "named-v3", "{\"name\":\"x\"}"));
        Assert.Equal("named-v3", codec.GetTypeName(typeof(NamedV3)));
    }

    [Theory]
    [InlineData("[1]", "An event of type 'named-v3' is to be upcast, but its payload is no JSON object.")]
    [InlineData("null", "An event of type 'named-v3' is to be upcast, but its payload is no JSON object.")]
    [InlineData("{", "An event of type 'named-v3' is to be upcast, but its payload is no JSON: ")]
    public void What_is_no_JSON_object_cannot_be_upcast(string data, string message)
    {
        var codec = Build(builder => builder.AddEventType<Named>().AddUpcaster("named-v3", "named", json => json));

        Assert.StartsWith(message, Assert.Throws<EventSerializationException>(() => Decode(codec, "named-v3", data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_upcaster_that_returns_nothing_is_named()
    {
        var codec = Build(builder => builder.AddEventType<Named>().AddUpcaster("named-v3", "named", _ => null!));

        Assert.Equal("The upcaster of event type 'named-v3' returned null.", Assert.Throws<EventSerializationException>(() => Decode(codec, "named-v3", "{}")).Message);
    }

    [Fact]
    public void A_payload_as_deep_as_the_options_allow_can_be_upcast()
    {
        var codec = Build(builder => builder.AddEventType<Deep>().AddUpcaster("flat", "deep", json => json).ConfigureEventJson(json => json.MaxDepth = 200));
        var data = string.Concat(Enumerable.Repeat("{\"inner\":", 150)) + "null" + new string('}', 150);

        Assert.NotNull(((Deep)Decode(codec, "flat", data)).Inner);
    }

    private static Func<JsonObject, JsonObject> Append(string name, string text) => json =>
    {
        json[name] = json[name]!.GetValue<string>() + text;
        return json;
    };

    private static EventCodec Build(Action<IMessagingPatternsBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddMessagingPatterns());
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<EventCodec>();
    }

    private static object Decode(EventCodec codec, string type, string data) => codec.Decode(type, "application/json", Encoding.UTF8.GetBytes(data));

    [EventType("named-v3")]
    private sealed record NamedV3(string Name);

    [EventType("named-v4")]
    private sealed record NamedV4(string Name, int Unused);

    [EventType("named")]
    private sealed record Named(string Name);

    [EventType("deep")]
    private sealed record Deep(Deep? Inner, int Unused = 0);
}
