using System.Globalization;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>A group whose members come, go, crash and are expelled, while somebody rewinds, pauses and skips: one history per seed.</summary>
internal sealed class RewindSimulation
{
    private const int StepsUntilStuck = 5_000;

    private readonly SimRandom _random;
    private readonly List<SimControlled> _partitions = [];
    private readonly List<RewindMember> _members = [];
    private int _operations;
    private int _joined;

    private RewindSimulation(long seed, bool isTraced)
    {
        _random = new SimRandom(seed);
        World = new RewindWorld(_random, isTraced);
        _partitions.AddRange(Enumerable.Range(0, _random.Between(1, 3)).Select(number => new SimControlled(new("group", "topic", number)) { End = _random.Between(1, 8) }));
        _members.AddRange(Enumerable.Range(0, _random.Between(1, 3)).Select(_ => NewMember()));
    }

    public RewindWorld World { get; }

    private SimControlTopic Topic => World.Topic;

    /// <summary>Plays the history of a seed and checks it.</summary>
    public static RewindWorld Run(long seed, bool isTraced = false)
    {
        var simulation = new RewindSimulation(seed, isTraced);
        simulation.Play();
        return simulation.World;
    }

    private RewindMember NewMember() => new(World, _random, ++_joined);

    private void Play()
    {
        for (var step = 0; step < 150; step++)
        {
            Step();

            if (_random.Chance(25))
            {
                Happen();
            }
        }

        Heal();
    }

    private void Step()
    {
        var member = _random.Pick(_members);

        switch (_random.Below(8))
        {
            case 0:
                member.ReadControl();
                break;
            case 1 or 2:
                member.Act();
                break;
            case 3:
                member.Deliver();
                break;
            case 4:
                member.Commit();
                break;
            case 5:
                member.Arrive();
                break;
            default:
                member.Work();
                break;
        }
    }

    private void Happen()
    {
        var partition = _random.Pick(_partitions);

        switch (_random.Below(10))
        {
            case 0 or 1:
                Rewind();
                break;
            case 2:
                Order(partition, new ControlEntry.Pause(Name(), _random.Chance(50)));
                break;
            case 3:
                Skip(partition, _random.Below((int)partition.End));
                break;
            case 4 or 5:
                Move(partition);
                break;
            case 6:
                Expel(_random.Pick(_members));
                break;
            case 7:
                Crash(_random.Pick(_members));
                break;
            case 8:
                World.Count(RewindHappening.Compacted, Topic.Compact(_random.Below((int)Topic.End + 1)) > 0);
                break;
            default:
                partition.End++;
                break;
        }
    }

    private string Name() => (++_operations).ToString(CultureInfo.InvariantCulture);

    private void Rewind()
    {
        var (operation, asked) = (Name(), _partitions.Where(_ => _random.Chance(60)).ToList());

        foreach (var partition in asked)
        {
            World.Count(RewindHappening.AskedWhileNobodyOwned, partition.Owner is null);
            World.Count(RewindHappening.RewoundDuringARewind, World.Log(partition).IsRewindPending);
            var handled = World.HasProjection ? partition.Projection.Position : partition.Committed;
            Order(partition, new ControlEntry.Rewind(operation, asked.Count, _random.Below((int)partition.End + 1), handled, DateTimeOffset.UnixEpoch));
        }
    }

    private void Skip(SimControlled partition, long offset)
    {
        partition.Skipped.Add(offset);
        Order(partition, new ControlEntry.Skip(Name(), offset));
    }

    private void Order(SimControlled partition, ControlEntry.Order order)
    {
        var epoch = Topic.Append(partition.Id, order);
        partition.Orders.Add((epoch, order));
        World.Note(null, $"{partition.Id.Partition} is asked at {epoch}: {order}");
    }

    private void Move(SimControlled partition)
    {
        if (partition.Owner is { HasLeft: false } owner)
        {
            World.Count(RewindHappening.Moved);
            owner.Member.Revoke(owner);
        }

        Give(partition);
    }

    private void Give(SimControlled partition)
    {
        partition.Owner = null;

        if (_random.TryPick(_members.Where(member => member.IsMember), out var member))
        {
            member.Assign(partition);
            World.Note(partition.Owner, $"owns it");
        }
    }

    /// <summary>The brokers take a member for dead, and it does not know.</summary>
    private void Expel(RewindMember member)
    {
        if (!member.IsMember)
        {
            member.NoticeExpulsion();
            return;
        }

        World.Count(RewindHappening.Expelled);
        member.IsMember = false;

        _partitions.FindAll(partition => partition.Owner?.Member == member).ForEach(Give);
    }

    private void Crash(RewindMember member)
    {
        World.Note(null, $"a member crashes");
        World.Count(RewindHappening.Crashed);
        member.Crash();
        _members.Remove(member);
        _members.Add(NewMember());

        foreach (var partition in _partitions.Where(partition => partition.Owner?.Member == member))
        {
            partition.Owner = null;
        }
    }

    /// <summary>Nothing goes wrong any more: every order must get done, and everything handled.</summary>
    private void Heal()
    {
        World.IsCalm = true;
        _members.ForEach(member => member.NoticeExpulsion());
        _partitions.ForEach(Move);

        for (var step = 0; step < 50; step++)
        {
            Step();
        }

        _partitions.ForEach(partition => Order(partition, new ControlEntry.Pause(Name(), false)));

        for (var step = 0; step < StepsUntilStuck && !_partitions.TrueForAll(IsDone); step++)
        {
            Step();
        }

        foreach (var partition in _partitions)
        {
            if (!IsDone(partition))
            {
                World.Violate(RewindInvariant.Progress, partition.Owner!, $"committed {partition.Committed} of {partition.End}, acknowledged {World.Log(partition).Done} of {RewindWorld.Orders(partition, Topic.End).Newest}");
            }

            if (RewindWorld.Orders(partition, Topic.End).Rewind is { } last && last.Epoch != partition.Set.Epoch)
            {
                World.Violate(RewindInvariant.NothingSkipped, partition.Owner!, $"the last rewind was {last}, set is {partition.Set}");
            }

            foreach (var offset in Enumerable.Range(0, (int)partition.End).Where(offset => offset >= partition.Set.Target && !RewindWorld.IsHandled(partition, offset)))
            {
                World.Violate(RewindInvariant.NothingSkipped, partition.Owner!, $"{offset} is not handled since {partition.Set}");
            }
        }
    }

    private bool IsDone(SimControlled partition) =>
        (World.HasProjection ? partition.Projection.Position : partition.Committed) == partition.End && World.Log(partition).Done.Epoch == RewindWorld.Orders(partition, Topic.End).Newest;
}
