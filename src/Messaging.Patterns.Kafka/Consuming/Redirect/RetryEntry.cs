using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>What a record of a retry partition says. Its offset is what others name it by.</summary>
internal abstract record RetryEntry
{
    private RetryEntry()
    {
    }

    /// <summary>An owner of the partition begins.</summary>
    /// <param name="Previous">The offset of the claim that was in force; -1 for none.</param>
    /// <param name="Low">The offset from which the retry partition is read: everything before it was done already when it began.</param>
    /// <param name="Epoch">The rewind epoch in which it begins; 0 before the first rewind.</param>
    /// <param name="From">The offset of the source partition from which it reads; what was redirected from there on is superseded.</param>
    internal sealed record Claim(long Previous, long Low, long Epoch, long From) : RetryEntry;

    /// <summary>A record of a key that is redirected.</summary>
    /// <param name="Owner">The offset of its writer's claim.</param>
    /// <param name="Key">The key.</param>
    /// <param name="Source">The record's offset in the source partition.</param>
    internal sealed record Redirected(long Owner, RecordKey Key, long Source) : RetryEntry;

    /// <summary>What was redirected of a key is handled, up to an offset of the retry partition. If that is all of it, the key goes on in the source partition.</summary>
    /// <param name="Owner">The offset of its writer's claim.</param>
    /// <param name="Key">The key.</param>
    /// <param name="UpTo">The offset of the last of its records that is handled.</param>
    internal sealed record Released(long Owner, RecordKey Key, long UpTo) : RetryEntry;
}
