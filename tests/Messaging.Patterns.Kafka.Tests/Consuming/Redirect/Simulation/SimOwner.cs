using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

/// <summary>An owner of the partition: claims it, rebuilds the redirected keys, then takes, handles, parks, redirects and releases, one small step at a time.</summary>
internal sealed class SimOwner
{
    private readonly RedirectSimulation _world;
    private readonly SimRandom _random;
    private readonly long _previous;
    private readonly MemberDispatch<SimWork> _dispatch;
    private readonly PartitionDispatch<SimWork> _source;
    private readonly PartitionDispatch<SimWork> _redirected;
    private readonly List<WorkBatch<SimWork>> _running = [];
    private long _next;
    private long _from;
    private long _now;
    private long _given;
    private int _launched;
    private int _sending;
    private bool _isClaiming;
    private KeyRetries? _keys;
    private bool _hasStopped;

    public SimOwner(RedirectSimulation world, SimRandom random)
    {
        (_world, _random, _previous, Epoch) = (world, random, world.Claim, world.Epoch);
        _dispatch = new(world.Settings);
        _source = _dispatch.Assign();
        _redirected = _dispatch.AssignRetries();
    }

    /// <summary>Gets the last record of each key that it handled.</summary>
    public Dictionary<int, long> Last { get; } = [];

    public long Epoch { get; }

    /// <summary>Gets the offset of its claim, once that is stored.</summary>
    public long? Claim { get; private set; }

    /// <summary>Gets whether what it sent was not heard of for so long that it stopped.</summary>
    public bool HasStopped => _hasStopped || _source.StoppedAt is not null;

    public bool IsAtRest => _keys is { Count: 0 } && _running.Count == 0 && _launched == 0 && _sending == 0;

    public void Step()
    {
        _now++;

        if (Claim is null)
        {
            BeginClaim();
        }
        else if (_keys is null)
        {
            TakeOver(Claim.Value);
        }
        else
        {
            Run();
        }
    }

    public override string ToString() => $"claim {Claim}, next {_next}, redirected {_keys?.Count}, running {_running.Count}, sending {_sending}, now {_now}, due {_keys?.NextDue} {_dispatch.NextDue}, stopped {_source.StoppedAt}";

    private void BeginClaim()
    {
        if (!_isClaiming)
        {
            // The commit first: whatever was redirected before it was made is stored before this claim.
            (_isClaiming, _from, _next) = (true, _world.Committed, _world.Committed);
            var low = _previous < 0 ? 0 : RetryLogFold.FindLow(From(LowOf(_previous)), _previous);
            _world.Send(this, new RetryEntry.Claim(_previous, low, Epoch, _from), offset => Claim = offset);
        }
    }

    /// <summary>The claim is in force once it is committed; only then is the set rebuilt, and only then is anything handled.</summary>
    private void TakeOver(long claim)
    {
        if (!_world.TryCommit(this, source: null, claim))
        {
            return;
        }

        var keys = RetryLogFold.Fold(From(LowOf(claim)), claim);
        _world.Happened("Rebuilt", keys.Count > 0);
        _world.Happened("Superseded", _world.RetryLog.Exists(one => one.Offset < claim && one.Entry is RetryEntry.Redirected redirected && redirected.Source >= _from));
        _world.Happened("RewoundWhileCopiesWait", Epoch > 0 && keys.Count > 0);
        _keys = new KeyRetries(keys, _world.Patience, _now);
        _source.IsRedirected = _keys.IsRedirected;
    }

    private long LowOf(long claim) => ((RetryEntry.Claim)_world.RetryLog[(int)claim].Entry).Low;

    private List<(long Offset, RetryEntry Entry)> From(long low) => [.. _world.RetryLog.Where(one => one.Offset >= low)];

    private void Run()
    {
        switch (_random.Below(10))
        {
            case 0 or 1:
                Take();
                break;
            case 2 or 3:
                TakeRetry();
                break;
            case 4:
                Commit();
                break;
            case 5:
                _dispatch.Advance(_now);
                break;
            default:
                Work();
                break;
        }

        if (_dispatch.TryStartWorker())
        {
            _launched++;
        }
    }

    private void Take()
    {
        if (_next < _world.Source.Count && _source.CanTake)
        {
            _source.TryTake(_next, 1, new(_next, Retry: null), out var taken);
            _dispatch.Enqueue(_source, taken, RedirectSimulation.KeyOf(_world.Source[(int)_next]));
            _next++;
        }
    }

    private void TakeRetry()
    {
        if (_keys!.TryTake(_now, out var retry))
        {
            _redirected.TryTake(_given++, 1, new(retry.Source, retry), out var taken);
            _dispatch.Enqueue(_redirected, taken, retry.Key);
        }
    }

    private void Work()
    {
        if (_launched > 0 && (_running.Count == 0 || _random.Chance(50)))
        {
            _launched--;
            Begin(new(), isFirst: true);
        }
        else if (_running.Count > 0)
        {
            var batch = _random.Pick(_running);
            _running.Remove(batch);
            End(batch);
        }
    }

    private void Begin(WorkBatch<SimWork> batch, bool isFirst)
    {
        if (_dispatch.TryBegin(batch, isFirst))
        {
            _running.Add(batch);
        }
    }

    private void End(WorkBatch<SimWork> batch)
    {
        if (batch[0].Record.Retry is { } retry)
        {
            Retry(batch, retry);
        }
        else if (batch.Purpose == WorkPurpose.SetAside)
        {
            Redirect(batch);
        }
        else
        {
            Handle(batch);
            Return(batch);
        }
    }

    private void Return(WorkBatch<SimWork> batch)
    {
        _dispatch.Advance(_now);
        _dispatch.Return(batch);
        Begin(batch, isFirst: false);
    }

    private void Handle(WorkBatch<SimWork> batch)
    {
        var failed = new HashSet<KeyChain<SimWork>>();

        for (var index = 0; index < batch.Count; index++)
        {
            if (failed.Contains(batch.ChainOf(index)))
            {
                batch.SetNotDone(index, WorkOutcome.Untried, batch[index].Record);
            }
            else if (_random.Chance(_world.Failure))
            {
                failed.Add(batch.ChainOf(index));
                batch.SetNotDone(index, batch.ChainOf(index).Parking is null ? WorkOutcome.Failed : WorkOutcome.FailedAgain, batch[index].Record);
                _world.Happened("Parked");
            }
            else
            {
                _world.Handle(this, batch[index].Record.Source);
            }
        }
    }

    /// <summary>First stored, then done in the source partition: after a crash between them it comes again, and what is stored is superseded. The other way round would lose it.</summary>
    private void Redirect(WorkBatch<SimWork> batch)
    {
        var (source, key) = (batch[0].Record.Source, batch.ChainOf(0).Key);
        _world.Happened("Followed", _keys!.IsRedirected(key));
        Send(
            new RetryEntry.Redirected(Claim!.Value, key, source),
            offset =>
            {
                _keys!.Redirected(key, offset, source, _now);
                Return(batch);
            },
            () =>
            {
                batch.SetNotDone(0, WorkOutcome.FailedAgain, batch[0].Record);
                Return(batch);
            });
    }

    private void Retry(WorkBatch<SimWork> batch, KeyRetry retry)
    {
        if (retry.Next == RetryStep.Handle && _random.Chance(_world.Failure))
        {
            Failed(retry, retry.Since is null ? WorkOutcome.Failed : WorkOutcome.FailedAgain);
            Return(batch);
            return;
        }

        if (retry.Next != RetryStep.Release)
        {
            _world.Happened("SetAside", retry.Next == RetryStep.SetAside);
            _world.Handle(this, retry.Source);
            retry.Handled();
        }

        // A crash before the release is stored: the record comes again, and then what follows it. The other way round the key would have gone on, and what was
        // redirected would come again behind that.
        Send(
            new RetryEntry.Released(Claim!.Value, retry.Key, retry.Offset),
            _ =>
            {
                _keys!.Released(retry, _now);
                _world.Happened("Released", !_keys.IsRedirected(retry.Key));
                Return(batch);
            },
            () =>
            {
                Failed(retry, WorkOutcome.FailedAgain);
                Return(batch);
            });
    }

    private void Failed(KeyRetry retry, WorkOutcome outcome)
    {
        _hasStopped |= !_keys!.Failed(retry, outcome, _now);
    }

    /// <summary>Sends. Sometimes it is not heard what became of it: then it may be stored at once, later or never.</summary>
    private void Send(RetryEntry entry, Action<long> stored, Action unknown)
    {
        if (_random.Chance(_world.Failure / 2))
        {
            _world.Happened("NotHeardOf");

            if (_random.Chance(70))
            {
                _world.SendLate(this, entry);
            }

            unknown();
            return;
        }

        _sending++;
        _world.Send(this, entry, offset =>
        {
            _sending--;
            stored(offset);
        });
    }

    private void Commit()
    {
        if (_source.Committable is { } next && next > _world.Committed)
        {
            _world.TryCommit(this, next, claim: null);
        }
    }
}
