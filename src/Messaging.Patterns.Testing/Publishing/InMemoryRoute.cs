namespace Messaging.Patterns.Testing.Publishing;

/// <summary>Where events of a type go.</summary>
internal sealed record InMemoryRoute(Type EventType, string Topic, Func<object, string> Key);
