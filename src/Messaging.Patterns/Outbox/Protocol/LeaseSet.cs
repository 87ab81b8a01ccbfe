namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>The buckets that an instance holds, each with its fencing token. Pure.</summary>
/// <remarks>
/// A lease lasts for a time by the database's clock from the moment the database grants it. The instance counts the same time by its own clock from the moment
/// <i>before</i> it asked, so it stops using a lease before the database gives it to another. No clock is compared with another; only their rates must be alike.
/// </remarks>
/// <param name="duration">How long a lease lasts.</param>
internal sealed class LeaseSet(TimeSpan duration)
{
    private Dictionary<int, long> _tokens = [];
    private TimeSpan _validUntil;

    /// <summary>Gets the buckets that are held, or were until they expired.</summary>
    public IReadOnlyCollection<int> Buckets => _tokens.Keys;

    /// <summary>Returns the token of a bucket, or <see langword="null"/> if it is not held.</summary>
    public long? TokenOf(int bucket) => _tokens.TryGetValue(bucket, out var token) ? token : null;

    /// <summary>Returns whether what is held may be used.</summary>
    public bool IsValid(TimeSpan now) => now < _validUntil;

    /// <summary>The database answered which leases this instance has, and prolonged all of them.</summary>
    /// <param name="granted">Bucket and token of each.</param>
    /// <param name="asked">When it was asked.</param>
    public LeaseChange Renewed(IEnumerable<(int Bucket, long Token)> granted, TimeSpan asked)
    {
        var before = _tokens;
        _tokens = granted.ToDictionary(lease => lease.Bucket, lease => lease.Token);
        _validUntil = asked + duration;

        // Another token: somebody else held the bucket meanwhile.
        return new(
            [.. before.Where(lease => TokenOf(lease.Key) != lease.Value).Select(lease => lease.Key)],
            [.. _tokens.Where(lease => !before.TryGetValue(lease.Key, out var token) || token != lease.Value).Select(lease => lease.Key)]);
    }

    /// <summary>Returns how many buckets an instance is to have at most, so that all are held and nobody has two more than another.</summary>
    public static int Share(int buckets, int instances) => (buckets + Math.Max(1, instances) - 1) / Math.Max(1, instances);
}
