using System.Collections.Frozen;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Publishing;

/// <summary>The routes of an application.</summary>
public sealed class EventRouteOptions
{
    /// <summary>Gets the routes, one for each type of event.</summary>
    public IList<EventRoute> Routes { get; } = [];

    /// <summary>Returns what is kept for the route of an event's type.</summary>
    /// <param name="routes">By type of event.</param>
    /// <param name="payload">The event's payload.</param>
    /// <exception cref="UnknownEventTypeException">There is no route.</exception>
    public static TRoute Find<TRoute>(FrozenDictionary<Type, TRoute> routes, object payload)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(payload);
        return Find(routes, payload.GetType());
    }

    /// <summary>Returns what is kept for the route of a type of events.</summary>
    /// <param name="routes">By type of event.</param>
    /// <param name="type">The type.</param>
    /// <exception cref="UnknownEventTypeException">There is no route.</exception>
    public static TRoute Find<TRoute>(FrozenDictionary<Type, TRoute> routes, Type type)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(type);
        return routes.TryGetValue(type, out var route)
            ? route
            : throw new UnknownEventTypeException(type.FullName!, $"Events of type '{type}' have no route. Register one: AddRoute<{type.Name}>(\"topic\", e => e.Key).");
    }
}
