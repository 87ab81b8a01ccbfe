namespace Messaging.Patterns.Outbox;

/// <summary>What lies in the outbox.</summary>
/// <param name="Rows">How many rows wait, as the database estimates where counting would take long.</param>
/// <param name="Oldest">The age of the oldest that could be sent; <see langword="null"/> if there is none.</param>
/// <param name="Parked">How many rows are parked.</param>
internal sealed record OutboxBacklog(long Rows, TimeSpan? Oldest, long Parked);
