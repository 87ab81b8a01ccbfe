using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>Reads out of a retry partition which keys are redirected, and what of them waits. Pure; the log alone decides, so all who read it agree.</summary>
/// <remarks>
/// A claim is in force once the group's commit names it, which brokers take from members alone. Each claim names the one before, so the claim that the commit
/// names tells which others were in force. What a former owner still writes behind the next claim that was in force does not count, however late it arrives. What a
/// claim's owner reads again from the source partition, after a crash or a rewind, is superseded in the retry partition: it is handled, or redirected, anew.
/// </remarks>
internal static class RetryLogFold
{
    /// <summary>Folds what lies before a claim.</summary>
    /// <param name="log">The entries with their offsets, from a claim's <see cref="RetryEntry.Claim.Low"/> or earlier.</param>
    /// <param name="claim">The offset of the claim that is in force.</param>
    /// <returns>The redirected keys.</returns>
    public static RedirectedKeys Fold(IReadOnlyList<(long Offset, RetryEntry Entry)> log, long claim)
    {
        var claims = log.Where(one => one.Entry is RetryEntry.Claim).ToDictionary(one => one.Offset, one => (RetryEntry.Claim)one.Entry);
        var inForce = InForce(claims, claim);
        var keys = new RedirectedKeys();
        var (owner, low) = (-1L, claims[claim].Low);

        foreach (var (offset, entry) in log.Where(one => one.Offset <= claim))
        {
            if (entry is RetryEntry.Claim began && inForce.Contains(offset))
            {
                owner = offset;
                keys.Begin(began.From);
            }
            else if (entry is RetryEntry.Redirected redirected && CountsFor(redirected.Owner) && offset >= low)
            {
                keys.Add(redirected.Key, offset, redirected.Source);
            }
            else if (entry is RetryEntry.Released released && CountsFor(released.Owner))
            {
                keys.Release(released.Key, released.UpTo);
            }
        }

        return keys;

        // The claim of an owner may lie before what is read; then none that was in force lies between.
        bool CountsFor(long writer) => owner >= 0 ? writer == owner : inForce.Contains(writer);
    }

    private static HashSet<long> InForce(Dictionary<long, RetryEntry.Claim> claims, long last)
    {
        var found = new HashSet<long> { last };

        for (var one = last; claims.TryGetValue(one, out var entry) && entry.Previous >= 0; one = entry.Previous)
        {
            found.Add(entry.Previous);
        }

        return found;
    }
}
