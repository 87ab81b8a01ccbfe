using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>An event read out of a record.</summary>
/// <param name="Payload">What the dispatcher takes: the event as it came, or a tombstone.</param>
/// <param name="Context">Where it comes from.</param>
internal readonly record struct IncomingEvent(object Payload, EventContext Context);
