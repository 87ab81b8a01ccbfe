using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>The event of these tests.</summary>
[EventType("noted")]
internal sealed record Noted(string Text)
{
    /// <summary>Returns one event, ready to be appended.</summary>
    public static EventData[] One(string text) => [new(new Noted(text))];
}
