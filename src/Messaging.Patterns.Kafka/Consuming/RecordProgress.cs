namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>What is known of a record that failed.</summary>
/// <param name="From">The place of the first of its events that is not done.</param>
/// <param name="Failure">Why it is not.</param>
/// <param name="Since">When that one failed first.</param>
internal sealed record RecordProgress(int From, HandlingFailure Failure, DateTimeOffset Since);
