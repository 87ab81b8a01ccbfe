namespace Messaging.Patterns.Outbox;

/// <summary>What a relay stands between.</summary>
/// <param name="Table">What it reads.</param>
/// <param name="Dispatch">What it sends with.</param>
internal sealed record OutboxRelayParts(IOutboxTable Table, RelayDispatch Dispatch);
