using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>An event as the in-memory store holds it: serialized, as any store would.</summary>
internal sealed record StoredEvent(string Id, RawEvent Raw, DateTimeOffset Time, IReadOnlyDictionary<string, string> Metadata);
