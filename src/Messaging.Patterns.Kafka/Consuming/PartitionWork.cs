namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A record that was given out to be handled.</summary>
/// <param name="Generation">The generation of the partition in which it was given out.</param>
/// <param name="Ticket">The ticket of the offset tracker.</param>
/// <param name="Offset">The record's offset.</param>
/// <param name="Record">The record.</param>
internal readonly record struct PartitionWork<TRecord>(int Generation, long Ticket, long Offset, TRecord Record);
