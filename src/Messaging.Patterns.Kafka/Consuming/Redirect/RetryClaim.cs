using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>A claim that is in force: what an owner begins with.</summary>
/// <param name="Place">The retry partition, and the claim's offset in it.</param>
/// <param name="Epoch">The rewind epoch.</param>
/// <param name="Keys">What former owners left.</param>
/// <param name="Reader">Reads redirected records.</param>
internal sealed record RetryClaim(TopicPartitionOffset Place, long Epoch, RedirectedKeys Keys, RetryReader Reader);
