using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>Reads out of a retry partition which keys are redirected, and what of them waits. Pure; the log alone decides, so all who read it agree.</summary>
/// <remarks>
/// A claim is in force once the group's commit names it, which brokers take from members alone. Each claim names the one before, so the claim that the commit
/// names tells which others were in force. What a former owner still writes behind the next claim that was in force does not count, however late it arrives. What a
/// claim's owner reads again from the source partition, after a crash or a rewind, is superseded in the retry partition: it is handled, or redirected, anew. Of a
/// record that an owner stored twice, since it did not hear of the first time, the one that arrived first counts.
/// </remarks>
internal static class RetryLogFold
{
    /// <summary>Folds what lies before a claim.</summary>
    /// <param name="log">The entries with their offsets, from the claim's <see cref="RetryEntry.Claim.Low"/> on.</param>
    /// <param name="claim">The offset of the claim that is in force.</param>
    /// <returns>The redirected keys.</returns>
    public static RedirectedKeys Fold(IReadOnlyList<(long Offset, RetryEntry Entry)> log, long claim)
    {
        var (inForce, owner, keys) = (InForce(log, claim), -1L, new RedirectedKeys());

        // What an owner redirects of a key, it redirects in the order of the source.
        var last = new Dictionary<RecordKey, long>();

        foreach (var (offset, entry) in log.Where(one => one.Offset <= claim))
        {
            if (entry is RetryEntry.Claim began && inForce.Contains(offset))
            {
                owner = offset;
                keys.Begin(began.From);
                last.Clear();
            }
            else if (entry is RetryEntry.Redirected redirected && redirected.Owner == owner && redirected.Source > last.GetValueOrDefault(redirected.Key, -1))
            {
                keys.Add(redirected.Key, offset, redirected.Source);
                last[redirected.Key] = redirected.Source;
            }
            else if (entry is RetryEntry.Released released && released.Owner == owner)
            {
                keys.Release(released.Key, released.UpTo);
            }
        }

        return keys;
    }

    /// <summary>Returns from where on whoever claims next must read: from the claim under which the first record was stored that waited when the one before began.</summary>
    /// <remarks>Not from that record itself: of what its owner stored twice, the first may lie before it.</remarks>
    /// <param name="log">The entries with their offsets, from the claim's <see cref="RetryEntry.Claim.Low"/> on.</param>
    /// <param name="claim">The offset of the claim that is in force.</param>
    public static long FindLow(IReadOnlyList<(long Offset, RetryEntry Entry)> log, long claim)
    {
        var first = Fold(log, claim).First ?? claim;
        return InForce(log, claim).Where(one => one <= first).Max();
    }

    private static HashSet<long> InForce(IReadOnlyList<(long Offset, RetryEntry Entry)> log, long last)
    {
        var claims = log.Where(one => one.Entry is RetryEntry.Claim).ToDictionary(one => one.Offset, one => (RetryEntry.Claim)one.Entry);
        var found = new HashSet<long>();

        for (var one = last; claims.TryGetValue(one, out var entry); one = entry.Previous)
        {
            found.Add(one);
        }

        return found;
    }
}
