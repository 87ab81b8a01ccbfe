namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>A record that a partition has taken and not done yet.</summary>
/// <param name="Ticket">The ticket of the offset tracker.</param>
/// <param name="Offset">The record's offset.</param>
/// <param name="Bytes">What it takes in memory.</param>
/// <param name="Record">The record.</param>
internal readonly record struct TakenRecord<TRecord>(long Ticket, long Offset, int Bytes, TRecord Record);
