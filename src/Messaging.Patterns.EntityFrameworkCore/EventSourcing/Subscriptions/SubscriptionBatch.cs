using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Events that are handled in one transaction.</summary>
/// <param name="Events">The events, none if all that was read is nobody's.</param>
/// <param name="Behind">The place behind them, and behind what nobody handles after them.</param>
internal sealed record SubscriptionBatch(IReadOnlyList<SubscriptionEvent> Events, SubscriptionPlace Behind);

/// <summary>An event that is to be handled.</summary>
/// <param name="Recorded">The event.</param>
/// <param name="Index">Its place in its append.</param>
/// <param name="Behind">The place behind it.</param>
internal sealed record SubscriptionEvent(RecordedEvent Recorded, int Index, SubscriptionPlace Behind);
