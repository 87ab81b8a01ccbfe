using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A record that was fetched and is not in its partition's hands yet.</summary>
/// <param name="Partition">The assignment that it came with.</param>
/// <param name="Result">The record; also the news that there is none now.</param>
/// <param name="Bytes">What it takes in memory.</param>
/// <param name="IsJudged">Whether it is judged before it is handled.</param>
/// <param name="Key">Its key, where keys matter.</param>
internal readonly record struct FetchedRecord(GroupPartition Partition, ConsumeResult<byte[], byte[]> Result, int Bytes, bool IsJudged, RecordKey Key);
