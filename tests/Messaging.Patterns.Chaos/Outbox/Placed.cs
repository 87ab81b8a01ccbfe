using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>The event of these scenarios. Its number is in the ledger, under its id.</summary>
/// <param name="Key">The key.</param>
[EventType("placed")]
internal sealed record Placed(string Key);

/// <summary>What a handler tells of an event that it handled.</summary>
/// <param name="Key">The key.</param>
/// <param name="Of">The id of the event that was handled.</param>
/// <param name="Group">The group that handled it.</param>
[EventType("told")]
internal sealed record Told(string Key, string Of, string Group);
