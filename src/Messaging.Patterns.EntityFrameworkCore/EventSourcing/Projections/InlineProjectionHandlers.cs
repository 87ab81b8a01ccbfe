using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

/// <summary>The context and the handlers of an inline projection, as they were registered.</summary>
internal sealed class InlineProjectionHandlers
{
    public Type? Context { get; set; }

    public EventHandlers Handlers { get; } = new();
}
