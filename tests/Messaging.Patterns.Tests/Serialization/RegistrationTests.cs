using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Tests.Serialization;

public sealed partial class RegistrationTests
{
    [Fact]
    public void Registering_again_registers_once()
    {
        var services = new ServiceCollection();
        services.AddMessagingPatterns();
        var once = Registered(services);

        services.AddMessagingPatterns();

        Assert.Equal(once, Registered(services));
        Assert.Same(services, services.AddMessagingPatterns().Services);
    }

    [Fact]
    public void The_event_types_of_an_assembly_are_found()
    {
        var services = new ServiceCollection();
        services.AddMessagingPatterns().AddEventTypes<RegistrationTests>();
        using var provider = services.BuildServiceProvider();

        var types = provider.GetRequiredService<IOptions<EventTypeOptions>>;
        var faults = Assert.Throws<OptionsValidationException>(() => types().Value).Failures;

        // This assembly has faulty ones, for the tests of the validator.
        Assert.Contains(faults, fault => fault.Contains("EventTypeOptionsValidatorTests+Empty", StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_generated_context_is_used_where_it_is_given()
    {
        var options = new EventTypeOptions { Types = { typeof(Generated), typeof(Reflected) } };
        options.Json.TypeInfoResolverChain.Add(Context.Default);
        var codec = new EventCodec(options);

        Assert.Equal("{\"number\":5}", Encode(codec, new Generated(5)));
        Assert.Equal(new Generated(5), codec.Decode("generated", "application/json", "{\"number\":5}"u8.ToArray()));
        Assert.Same(Context.Default, options.Json.GetTypeInfo(typeof(Generated)).OriginatingResolver);
        Assert.IsType<DefaultJsonTypeInfoResolver>(options.Json.GetTypeInfo(typeof(Reflected)).OriginatingResolver);
    }

    [Fact]
    public void A_type_that_no_context_knows_is_written_by_reflection()
    {
        var codec = Build(builder => builder.AddEventType<Reflected>().ConfigureEventJson(json => json.TypeInfoResolverChain.Add(Context.Default)));

        Assert.Equal("{\"number\":5}", Encode(codec, new Reflected(5)));
    }

    [Fact]
    public void The_options_of_JSON_are_heeded()
    {
        var codec = Build(builder => builder.AddEventType<Reflected>().ConfigureEventJson(json =>
        {
            json.PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper;
            json.NumberHandling = JsonNumberHandling.WriteAsString;
            json.WriteIndented = true;
        }));

        Assert.Equal("{\"NUMBER\":\"5\"}", Encode(codec, new Reflected(5)));
    }

    [Fact]
    public void Letters_stay_letters_unless_another_encoder_is_set()
    {
        Assert.Equal("{\"text\":\"ä<東\"}", Encode(Build(builder => builder.AddEventType<Written>()), new Written("ä<東")));
        Assert.Equal(
            "{\"text\":\"\\u00E4\\u003C\\u6771\"}",
            Encode(Build(builder => builder.AddEventType<Written>().ConfigureEventJson(json => json.Encoder = JavaScriptEncoder.Default)), new Written("ä<東")));
        Assert.Equal("{\"text\":\"ä<東\"}", Encode(Build(builder => builder.AddEventType<Written>()), new Written("ä<東")));
    }

    [Fact]
    public void What_cannot_be_written_is_said_and_leaves_no_trace()
    {
        var codec = Build(builder => builder.AddEventType<Faulty>().AddEventType<Reflected>());

        Assert.StartsWith(
            $"An event of type '{typeof(Faulty)}' cannot be written as JSON: ",
            Assert.Throws<EventSerializationException>(() => Encode(codec, new Faulty(new Broken()))).Message,
            StringComparison.Ordinal);
        Assert.Equal("{\"number\":5}", Encode(codec, new Reflected(5)));
    }

    [Fact]
    public void Another_serializer_replaces_the_default_one()
    {
        var services = new ServiceCollection();
        services.AddMessagingPatterns().UseEventSerializer<Fixed>();
        services.AddMessagingPatterns();
        using var provider = services.BuildServiceProvider();

        Assert.IsType<Fixed>(provider.GetRequiredService<IEventSerializer>());
        Assert.Equal("text/fixed", provider.GetRequiredService<EventCodec>().ContentTypeOf(new Reflected(5)));
    }

    [Fact]
    public void A_serializer_is_added_for_some_types_beside_the_default_one()
    {
        var codec = Build(builder => builder.AddEventSerializer<Fixed>(typeof(Reflected)));

        Assert.Equal(("text/fixed", "application/json"), (codec.ContentTypeOf(new Reflected(5)), codec.ContentTypeOf(new Faulty(new Broken()))));
    }

    private static List<Type> Registered(ServiceCollection services) =>
        [.. services.Select(service => service.ServiceType).Where(type => type.Name != "IConfigureOptions`1")];

    private static EventCodec Build(Action<IMessagingPatternsBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddMessagingPatterns());
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<EventCodec>();
    }

    private static string Encode(EventCodec codec, object payload)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.Encode(payload, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [EventType("generated")]
    internal sealed record Generated(int Number);

    [EventType("reflected")]
    private sealed record Reflected(int Number);

    [EventType("written")]
    private sealed record Written(string Text);

    [EventType("faulty")]
    private sealed record Faulty(Broken Member);

    [JsonConverter(typeof(BrokenConverter))]
    private sealed record Broken;

    /// <summary>Writes nothing where a value must be.</summary>
    private sealed class BrokenConverter : JsonConverter<Broken>
    {
        public override Broken Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new();

        public override void Write(Utf8JsonWriter writer, Broken value, JsonSerializerOptions options)
        {
        }
    }

    private sealed class Fixed : IEventSerializer
    {
        public string ContentType => "text/fixed";

        public void Serialize(object payload, IBufferWriter<byte> output) => output.Write("fixed"u8);

        public object Deserialize(ReadOnlyMemory<byte> data, Type type) => "fixed";
    }

    [JsonSerializable(typeof(Generated))]
    private sealed partial class Context : JsonSerializerContext;
}
