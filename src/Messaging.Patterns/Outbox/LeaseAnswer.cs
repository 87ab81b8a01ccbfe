namespace Messaging.Patterns.Outbox;

/// <summary>What an instance has after a renewal.</summary>
/// <param name="Granted">Its buckets, each with its token.</param>
/// <param name="Instances">How many instances live, this one among them.</param>
internal sealed record LeaseAnswer(IReadOnlyList<(int Bucket, long Token)> Granted, int Instances);
