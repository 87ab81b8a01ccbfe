namespace Messaging.Patterns.Outbox;

/// <summary>What an instance has after a renewal.</summary>
/// <param name="Granted">Its buckets, each with its token.</param>
/// <param name="Instances">How many instances live, this one among them.</param>
/// <param name="Run">The run of the database that answered: another whenever it was started anew, recovered from a crash, or was replaced by a copy.</param>
internal sealed record LeaseAnswer(IReadOnlyList<(int Bucket, long Token)> Granted, int Instances, string Run);
