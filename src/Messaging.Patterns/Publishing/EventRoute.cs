using Messaging.Patterns.CloudEvents;

namespace Messaging.Patterns.Publishing;

/// <summary>Where events of a type go, chosen once, at registration; the same for those that are published and those that go through an outbox.</summary>
/// <param name="EventType">The CLR type of the events.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Key">Returns the key of an event: events of one key stay in order.</param>
public sealed record EventRoute(Type EventType, string Topic, Func<object, string> Key)
{
    /// <summary>Gets how the events are laid into records.</summary>
    /// <value>The default is <see cref="CloudEventMode.Structured"/>.</value>
    public CloudEventMode Mode { get; init; }
}
