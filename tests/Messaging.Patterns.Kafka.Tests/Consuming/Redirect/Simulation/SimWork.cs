using Messaging.Patterns.Kafka.Consuming.Redirect;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

/// <summary>A record on its way to a handler: out of the source partition, or out of the retry partition.</summary>
/// <param name="Source">Its offset in the source partition.</param>
/// <param name="Retry">Where its key stands, if it is redirected.</param>
internal readonly record struct SimWork(long Source, KeyRetry? Retry);
