using System.Text.Json.Nodes;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Tests.Serialization;

public sealed class EventTypeOptionsValidatorTests
{
    [Fact]
    public void Every_fault_is_listed_at_once()
    {
        var faults = Faults(builder => builder
            .AddEventType<Nameless>()
            .AddEventType<Empty>()
            .AddEventType<Spaced>()
            .AddEventType<Long>()
            .AddEventType<First>()
            .AddEventType<Second>()
            .AddUpcaster("lost", "nowhere", json => json)
            .AddUpcaster("twice", "name", json => json)
            .AddUpcaster("twice", "name", json => json)
            .AddUpcaster("self", "self", json => json)
            .AddUpcaster("a", "b", json => json)
            .AddUpcaster("b", "a", json => json)
            .AddUpcaster("into-circle", "a", json => json));

        Assert.Equal(
            [
                $"'{typeof(Nameless)}' has no event type name. Declare one: [EventType(\"...\")].",
                $"'{typeof(Empty)}' has the event type name '', expected 1 to 200 printable characters without white space.",
                $"'{typeof(Spaced)}' has the event type name 'a b', expected 1 to 200 printable characters without white space.",
                $"'{typeof(Long)}' has the event type name '{Long.Name}', expected 1 to 200 printable characters without white space.",
                $"The event type name 'name' is declared by '{typeof(First)}' and '{typeof(Second)}'. Give each its own.",
                "More than one upcaster reads event type 'twice'. Keep one.",
                "The upcaster of event type 'self' leads back to itself.",
                "The upcaster of event type 'a' leads back to itself.",
                "The upcaster of event type 'b' leads back to itself.",
                "The upcaster of event type 'lost' leads to 'nowhere', which is neither a registered event type nor read by another upcaster.",
            ],
            faults.OrderBy(fault => fault.StartsWith("The upcaster of event type 'lost'", StringComparison.Ordinal)));
    }

    [Fact]
    public void Conversions_in_a_circle_are_listed() => Assert.Equal(
        [$"The conversion of '{typeof(First)}' leads in a circle.", $"The conversion of '{typeof(Third)}' leads in a circle."],
        Faults(builder => builder.AddUpcaster<First, Third>(_ => new Third()).AddUpcaster<Third, First>(_ => new First())));

    [Fact]
    public void A_class_without_a_name_cannot_be_converted_to() => Assert.Equal(
        [$"'{typeof(Nameless)}' has no event type name. Declare one: [EventType(\"...\")]."],
        Faults(builder => builder.AddUpcaster<First, Nameless>(_ => new Nameless())));

    [Theory]
    [InlineData("", "x")]
    [InlineData("x", "")]
    public void An_upcaster_needs_both_names(string from, string to) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMessagingPatterns().AddUpcaster(from, to, json => json));

    [Fact]
    public void An_upcaster_that_does_not_say_what_it_reads_is_listed() => Assert.Equal(
        [$"The upcaster '{typeof(Wordless)}' does not say which event types it reads and makes."],
        Faults(builder => builder.AddUpcaster(new Wordless())));

    [Fact]
    public void The_same_type_registered_again_is_the_same() => Assert.Empty(Faults(builder => builder.AddEventType<First>().AddEventType<First>()));

    private static IEnumerable<string> Faults(Action<IMessagingPatternsBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddMessagingPatterns());
        using var provider = services.BuildServiceProvider();
        return Record.Exception(() => provider.GetRequiredService<IStartupValidator>().Validate()) is OptionsValidationException faults ? faults.Failures : [];
    }

    private sealed record Nameless;

    private sealed class Wordless : IEventUpcaster
    {
        public string FromType => null!;

        public string ToType => "name";

        public JsonObject Upcast(JsonObject data) => data;
    }

    [EventType("")]
    private sealed record Empty;

    [EventType("a b")]
    private sealed record Spaced;

    [EventType(Name)]
    private sealed record Long
    {
        public const string Name = Ten + Ten + Ten + Ten + "1";

        private const string Ten = "12345678901234567890123456789012345678901234567890";
    }

    [EventType("name")]
    private sealed record First;

    [EventType("name")]
    private sealed record Second;

    [EventType("third")]
    private sealed record Third;
}
