using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

/// <summary>An owner of the partition: claims it, rebuilds the redirected keys, then handles, redirects and releases, one small step at a time.</summary>
internal sealed class SimOwner(RedirectSimulation world, SimRandom random)
{
    private readonly long _previous = world.Claim;
    private readonly HashSet<long> _done = [];

    // Keys for which something is on its way to the retry partition: nothing else happens to them meanwhile.
    private readonly HashSet<int> _busy = [];
    private long _start;
    private long _next;
    private long? _claim;
    private bool _isClaiming;
    private RedirectedKeys? _keys;

    /// <summary>Gets the last record of each key that it handled.</summary>
    public Dictionary<int, long> Last { get; } = [];

    public long Epoch { get; } = world.Epoch;

    /// <summary>Gets the offset of its claim, once that is stored.</summary>
    public long? Claim => _claim;

    public bool IsAtRest => _keys is { Count: 0 } && _busy.Count == 0;

    public void Step()
    {
        if (_claim is null)
        {
            BeginClaim();
        }
        else if (_keys is null)
        {
            TakeOver(_claim.Value);
        }
        else if (random.Chance(20))
        {
            Commit();
        }
        else if (_keys.Count > 0 && random.Chance(50))
        {
            Retry(random.Below(4));
        }
        else
        {
            Go();
        }
    }

    private void BeginClaim()
    {
        if (!_isClaiming)
        {
            // The commit first: whatever was redirected before it was made is stored before this claim.
            (_isClaiming, _start, _next) = (true, world.Committed, world.Committed);
            world.Send(this, new RetryEntry.Claim(_previous, FindLow(), Epoch, _start), offset => _claim = offset);
        }
    }

    /// <summary>Returns from where on the retry partition is to be read: what was done under the claim before need not be looked at again.</summary>
    private long FindLow()
    {
        if (_previous < 0)
        {
            return 0;
        }

        var keys = RetryLogFold.Fold(From(LowOf(_previous)), _previous);
        return world.Mutation == RedirectMutation.LowIsTooHigh ? _previous : Math.Min(keys.First ?? _previous, _previous);
    }

    private long LowOf(long claim) => ((RetryEntry.Claim)world.RetryLog[(int)claim].Entry).Low;

    private List<(long Offset, RetryEntry Entry)> From(long low) => [.. world.RetryLog.Where(one => one.Offset >= low)];

    /// <summary>The claim is in force once it is committed; only then is the set rebuilt, and only then is anything handled.</summary>
    private void TakeOver(long claim)
    {
        if (world.Mutation == RedirectMutation.ClaimIsNotCommitted || world.TryCommit(this, source: null, claim))
        {
            var log = world.Mutation switch
            {
                RedirectMutation.FormerOwnersCount => world.RetryLog.Select(one => (one.Offset, WithOwner(one.Entry, claim))).Where(one => one.Item2 is not RetryEntry.Claim || one.Offset == claim).ToList(),
                RedirectMutation.SupersededAreKept => [.. world.RetryLog.Select(one => (one.Offset, one.Entry is RetryEntry.Claim found ? found with { From = long.MaxValue } : one.Entry))],
                _ => From(LowOf(claim)),
            };
            _keys = world.Mutation == RedirectMutation.SetIsNotRebuilt ? new() : RetryLogFold.Fold(log, claim);

            if (world.RetryLog.Exists(one => one.Offset < claim && one.Entry is RetryEntry.Redirected redirected && redirected.Source >= _start))
            {
                world.Happened("Superseded");
            }

            if (_keys.Count > 0)
            {
                world.Happened("Rebuilt");
            }
        }
    }

    private static RetryEntry WithOwner(RetryEntry entry, long claim) => entry switch
    {
        RetryEntry.Redirected redirected => redirected with { Owner = claim },
        RetryEntry.Released released => released with { Owner = claim },
        _ => entry,
    };

    /// <summary>Takes the next record of the source partition whose key has nothing on its way.</summary>
    private void Go()
    {
        while (_done.Contains(_next))
        {
            _next++;
        }

        if (_next >= world.Source.Count || _busy.Contains(world.Source[(int)_next]))
        {
            return;
        }

        var (source, key) = (_next, world.Source[(int)_next]);

        if (!_keys!.Contains(RedirectSimulation.KeyOf(key)))
        {
            if (random.Chance(world.Failure))
            {
                _keys.Redirect(RedirectSimulation.KeyOf(key));
                Redirect(key, source);
                return;
            }

            Handle(source);
        }
        else if (world.Mutation == RedirectMutation.LaterRecordsStay)
        {
            Handle(source);
        }
        else
        {
            world.Happened("Followed");
            Redirect(key, source);
        }
    }

    private void Handle(long source)
    {
        world.Handle(this, source);
        _done.Add(source);
    }

    /// <summary>First stored, then done in the source partition: after a crash between them it comes again, and what is stored is superseded. The other way round would lose it.</summary>
    private void Redirect(int key, long source)
    {
        _busy.Add(key);

        if (world.Mutation == RedirectMutation.CommitBeforeStored)
        {
            _done.Add(source);
        }

        world.Send(this, new RetryEntry.Redirected(_claim!.Value, RedirectSimulation.KeyOf(key), source), offset =>
        {
            _keys!.Add(RedirectSimulation.KeyOf(key), offset, source);
            _done.Add(source);
            _busy.Remove(key);
        });
    }

    /// <summary>Handles the next record of a key in the retry partition. After the last one: first the release, then the key goes on in the source partition.</summary>
    private void Retry(int key)
    {
        if (_busy.Contains(key) || _keys!.Next(RedirectSimulation.KeyOf(key)) is not { } next || random.Chance(world.Failure))
        {
            return;
        }

        world.Handle(this, next.Source);

        if (_keys.Done(RedirectSimulation.KeyOf(key)) is not { } upTo)
        {
            return;
        }

        if (world.Mutation == RedirectMutation.FreedWithoutRelease)
        {
            _keys.Release(RedirectSimulation.KeyOf(key), upTo);
            return;
        }

        // A crash before the release is stored: all of the key that was redirected comes again, and then what follows it. The other way round the key would have gone
        // on, and what was redirected would come again behind that.
        _busy.Add(key);
        world.Send(this, new RetryEntry.Released(_claim!.Value, RedirectSimulation.KeyOf(key), upTo), _ =>
        {
            world.Happened("Released");
            _busy.Remove(key);
            _keys.Release(RedirectSimulation.KeyOf(key), upTo);
        });
    }

    private void Commit()
    {
        var next = _start;

        while (_done.Contains(next))
        {
            next++;
        }

        if (next > world.Committed)
        {
            world.TryCommit(this, next, claim: null);
        }
    }
}
