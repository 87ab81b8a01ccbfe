using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox;

/// <summary>What a relay stands between.</summary>
/// <param name="Table">What it reads.</param>
/// <param name="Producer">What it sends with.</param>
/// <param name="Work">What wakes it.</param>
internal sealed record OutboxRelayParts(IOutboxTable Table, IRecordProducer Producer, OutboxSignal Work);
