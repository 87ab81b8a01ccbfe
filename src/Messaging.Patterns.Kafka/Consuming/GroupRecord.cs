using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.Redirect;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A record on its way to a handler.</summary>
/// <param name="Partition">The assignment that it came with.</param>
/// <param name="Result">The record.</param>
/// <param name="FirstVersion">If it is a frame that is in its stream, the version of its first event; else 0.</param>
/// <param name="Progress">What is known of it since it failed; <see langword="null"/> if it did not.</param>
/// <param name="Retry">If it comes out of the retry partition, where its key stands.</param>
internal readonly record struct GroupRecord(GroupPartition Partition, ConsumeResult<byte[], byte[]> Result, long FirstVersion = 0, RecordProgress? Progress = null, KeyRetry? Retry = null);
