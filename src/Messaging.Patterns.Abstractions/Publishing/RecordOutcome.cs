namespace Messaging.Patterns.Publishing;

/// <summary>What became of a record, and why.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">What the client or the broker said, naming the topic; <see langword="null"/> when it is stored.</param>
public readonly record struct RecordOutcome(RecordStatus Status, string? Reason = null);
