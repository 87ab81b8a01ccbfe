using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>The leases, by the database's clock.</summary>
internal sealed class SimLeases
{
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, TimeSpan> _members;
    private readonly (string? Owner, long Token, TimeSpan Expires)[] _leases;

    public SimLeases() => (_members, _leases) = ([], new (string?, long, TimeSpan)[RelayProfile.Buckets]);

    /// <summary>Copies leases.</summary>
    public SimLeases(SimLeases original) => (_members, _leases) = (new(original._members), [.. original._leases]);

    public long TokenOf(int bucket) => _leases[bucket].Token;

    /// <summary>Prolongs what an instance has, gives back what is more than its share, takes what is free up to it.</summary>
    public List<(int Bucket, long Token)> Renew(string owner, IReadOnlyCollection<int> giveBack, TimeSpan now)
    {
        _members[owner] = now + Duration;
        var share = LeaseSet.Share(_leases.Length, _members.Values.Count(expires => expires > now));

        for (var bucket = 0; bucket < _leases.Length; bucket++)
        {
            ref var lease = ref _leases[bucket];

            if (lease.Owner == owner && giveBack.Contains(bucket))
            {
                lease = (null, lease.Token, now);
            }
            else if (lease.Owner == owner)
            {
                lease.Expires = now + Duration;
            }
        }

        for (var bucket = 0; bucket < _leases.Length && Count(owner) < share; bucket++)
        {
            ref var lease = ref _leases[bucket];

            if (lease.Owner != owner && (lease.Owner is null || lease.Expires <= now))
            {
                lease = (owner, lease.Token + 1, now + Duration);
            }
        }

        return [.. Enumerable.Range(0, _leases.Length).Where(bucket => _leases[bucket].Owner == owner).Select(bucket => (bucket, _leases[bucket].Token))];
    }

    /// <summary>Returns how many buckets an instance has beyond its share.</summary>
    public int Surplus(string owner, TimeSpan now) => Count(owner) - LeaseSet.Share(_leases.Length, _members.Values.Count(expires => expires > now));

    private int Count(string owner) => _leases.Count(lease => lease.Owner == owner);
}
