using System.Globalization;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>A group with an inbox whose members come, go, crash and are expelled, while somebody rewinds it and its database crashes and is restored: one history per seed.</summary>
internal sealed class PositionSimulation
{
    private const int StepsUntilStuck = 4_000;

    private readonly SimRandom _random;
    private readonly List<PositionMember> _members = [];
    private Action? _restore;
    private int _operations;

    private PositionSimulation(long seed, bool isTraced)
    {
        _random = new SimRandom(seed);
        World = new PositionWorld(_random, isTraced);
        _members.AddRange(Enumerable.Range(0, _random.Between(1, 3)).Select(_ => new PositionMember(World, _random)));
    }

    public PositionWorld World { get; }

    /// <summary>Plays the history of a seed and checks it.</summary>
    public static PositionWorld Run(long seed, bool isTraced = false)
    {
        var simulation = new PositionSimulation(seed, isTraced);
        simulation.Play();
        return simulation.World;
    }

    private void Play()
    {
        Give();

        for (var step = 0; step < 400; step++)
        {
            Step();

            if (_random.Chance(7))
            {
                Happen();
            }
        }

        Heal();
    }

    private void Step()
    {
        var member = _random.Pick(_members);

        switch (_random.Below(10))
        {
            case 0:
                member.ReadControl();
                break;
            case 1 or 2 or 3 or 4:
                member.Act();
                break;
            case 5:
                member.Commit();
                break;
            case 6:
                member.Follow();
                break;
            default:
                member.Work();
                break;
        }
    }

    private void Happen()
    {
        switch (_random.Below(12))
        {
            case 0 or 1:
                Rewind(_random.Below((int)World.End + 1));
                break;
            case 2:
                Order(new ControlEntry.Pause(Name(), _random.Chance(30)));
                break;
            case 3:
                Move();
                break;
            case 4 or 5:
                Expel(_random.Pick(_members));
                break;
            case 6:
                Crash(_random.Pick(_members));
                break;
            case 7:
                World.Count(PositionHappening.DatabaseCrashed);
                World.Inbox.Crash();
                break;
            case 8:
                CommitOfAStranger();
                break;
            case 9:
                BackUpOrRestore();
                break;
            case 10:
                World.Inbox.CleanUp(MayCome);
                break;
            default:
                World.Append(_random);
                break;
        }
    }

    private string Name() => (++_operations).ToString(CultureInfo.InvariantCulture);

    private void Rewind(long target) => Order(new ControlEntry.Rewind(Name(), 1, target, World.Committed ?? 0, DateTimeOffset.UnixEpoch));

    private void Order(ControlEntry.Order order)
    {
        var epoch = World.Topic.Append(PositionWorld.Partition, order);
        World.Note($"is asked at {epoch}: {order}");
    }

    // The group's offset as Kafka's tools set it, or a former member's commit that comes late. Where there is no position yet, it is what the group begins with.
    private void CommitOfAStranger()
    {
        if (World.Inbox.Position is not null)
        {
            World.Count(PositionHappening.CommitOfAStranger);
            World.Committed = _random.Below((int)World.End + 1);
        }
    }

    // A database is restored while nobody runs.
    private void BackUpOrRestore()
    {
        if (World.Inbox.Position is null)
        {
            return;
        }

        if (_restore is null || _random.Chance(60))
        {
            _restore = World.Inbox.BackUp();
            return;
        }

        var epoch = World.Inbox.Position.Epoch;
        _members.ToList().ForEach(Crash);
        _restore();
        World.Note($"is restored to {World.Inbox.Position}");
        World.Count(PositionHappening.Restored);
        World.HasLostARewind |= World.Inbox.Position.Epoch < epoch;
    }

    // Nobody stands still for longer than the window.
    private bool MayCome(string id)
    {
        var last = World.Log.FindLastIndex(one => one == id);
        return last >= World.Inbox.Position!.Next || _members.Exists(member => (member.Owned is { } owned && (owned.Committed ?? 0) <= last) || member.InHand.Any(one => one.Id == id));
    }

    private void Move()
    {
        if (World.Owner is { IsMember: true } owner)
        {
            owner.Revoke();
        }

        Give();
    }

    private void Give()
    {
        World.Owner = null;

        if (_random.TryPick(_members.Where(member => member.IsMember && member.Owned is null), out var member))
        {
            World.Note($"has a new owner");
            member.Assign();
        }
    }

    /// <summary>The brokers take a member for dead, and it does not know; or it learns so.</summary>
    private void Expel(PositionMember member)
    {
        if (!member.IsMember)
        {
            member.NoticeExpulsion();
        }
        else
        {
            World.Count(PositionHappening.Expelled);
            member.IsMember = false;
        }

        if (World.Owner is not { IsMember: true })
        {
            Give();
        }
    }

    private void Crash(PositionMember member)
    {
        World.Note($"a member crashes");
        member.Crash();
        _members.Remove(member);
        _members.Add(new PositionMember(World, _random));

        if (World.Owner is null || World.Owner == member)
        {
            Give();
        }
    }

    /// <summary>Nothing goes wrong any more: every order must get done, and everything handled.</summary>
    private void Heal()
    {
        World.IsCalm = true;
        _members.ToList().ForEach(Crash);
        Order(new ControlEntry.Pause(Name(), false));
        Until(() => IsAtRest() || World.Owner is { Owned.IsStopped: true });

        // What a database has lost is settled by another rewind, and by members that start anew.
        if (World.Owner is { Owned.IsStopped: true })
        {
            _members.ToList().ForEach(Crash);
            Rewind(_random.Below((int)Math.Max(0, World.Inbox.Position!.Next) + 1));
            Until(IsAtRest);
        }

        if (!IsDone())
        {
            World.Violate(PositionInvariant.Progress, $"committed {World.Committed} of {World.End}, stored {World.Inbox.Position}, acknowledged {World.Orders().Done} of {World.Orders().Newest}");
        }
        else if (World.FindMissing(World.End) is { } missing)
        {
            World.Violate(PositionInvariant.NothingSkipped, $"{missing} took no effect since {World.Orders().Rewind}");
        }
        else if (!IsCommitted())
        {
            World.Violate(PositionInvariant.CommitFollows, $"committed {World.Committed} of {World.End}, stored {World.Inbox.Position}");
        }
    }

    private void Until(Func<bool> isReached)
    {
        for (var step = 0; step < StepsUntilStuck && !isReached(); step++)
        {
            Step();
        }
    }

    private bool IsAtRest() => IsDone() && IsCommitted();

    private bool IsCommitted() => World.Committed == World.Inbox.Position?.Next;

    private bool IsDone() => World.Inbox.Position is { } stored && stored.Next >= World.End
        && World.Orders() is var orders && orders.Done.Epoch == orders.Newest && stored.Epoch == Math.Max(0, orders.Done.Rewound);
}
