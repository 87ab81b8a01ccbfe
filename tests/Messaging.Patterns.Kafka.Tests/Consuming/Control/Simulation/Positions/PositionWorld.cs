using System.Globalization;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>What the members of a simulated group with an inbox meet: a partition, its commit, the control topic, the database; and what is known of all of it.</summary>
internal sealed class PositionWorld
{
    public static readonly ControlledPartition Partition = new("group", "topic", 0);

    private readonly Dictionary<long, long> _targets = [];
    private readonly HashSet<string> _passedOver = [];
    private readonly bool _isTraced;
    private long _end;

    public PositionWorld(SimRandom random, bool isTraced)
    {
        (_isTraced, HasMarks) = (isTraced, random.Chance(60));
        Inbox = new SimInbox(this);

        // As a topic of orders begins: so no order has epoch 0.
        Topic.Append(Partition, new ControlEntry.Report("", null, null, 0, []));

        // The group may have been there before its inbox.
        Enumerable.Range(0, random.Between(3, 8)).ToList().ForEach(_ => Append(random));
        Committed = random.Chance(50) ? random.Below((int)End) : null;
        _passedOver.UnionWith(Log.Take((int)(Committed ?? 0)));
    }

    public SimControlTopic Topic { get; } = new();

    public SimInbox Inbox { get; }

    /// <summary>Gets whether the inbox knows events; else it knows records, which come in order.</summary>
    public bool HasMarks { get; }

    /// <summary>Gets the id of the event of each record.</summary>
    public List<string> Log { get; } = [];

    public long End => Log.Count;

    /// <summary>Gets or sets the group's commit, <see langword="null"/> for none.</summary>
    public long? Committed { get; set; }

    /// <summary>Gets or sets the member that the brokers take for the owner.</summary>
    public PositionMember? Owner { get; set; }

    public bool IsCalm { get; set; }

    /// <summary>Gets or sets whether the database was restored to a time before a rewind.</summary>
    public bool HasLostARewind { get; set; }

    public List<(PositionInvariant Invariant, string Text)> Violations { get; } = [];

    public List<string> Trace { get; } = [];

    public HashSet<PositionHappening> Happenings { get; } = [];

    public void Count(PositionHappening happening, bool happened = true)
    {
        if (happened)
        {
            Happenings.Add(happening);
        }
    }

    public void Violate(PositionInvariant invariant, FormattableString text)
    {
        Note(text);
        Violations.Add((invariant, text.ToString(CultureInfo.InvariantCulture)));
    }

    public void Note(FormattableString text)
    {
        if (_isTraced)
        {
            Trace.Add(text.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A record is added: an event, or a copy of one.</summary>
    public void Append(SimRandom random) => Log.Add(HasMarks && random.TryPick(Log.Where(id => !Inbox.Forgotten.Contains(id)), out var copied) && random.Chance(20) ? copied : string.Create(CultureInfo.InvariantCulture, $"event {++_end}"));

    /// <summary>A rewind sets the position, or the first owner places it. What it passes over need not take effect.</summary>
    public void SetBy(StoredPosition position)
    {
        Count(PositionHappening.Rewound, position.Epoch > 0);
        _targets[position.Epoch] = Math.Max(0, position.Next);
        _passedOver.UnionWith(Log.Take((int)Math.Max(0, position.Next)).Where(id => !Inbox.Effects.Exists(effect => effect.Id == id)));
    }

    /// <summary>Returns an event before an offset that took no effect, or from the target of the epoch that holds on none in it; <see langword="null"/> if there is none.</summary>
    public string? FindMissing(long before)
    {
        var epoch = Inbox.Position!.Epoch;
        return Enumerable.Range(0, (int)Math.Clamp(before, 0, End)).Where(offset => !Took(offset, before, _targets.GetValueOrDefault(epoch), epoch)).Select(offset => $"{Log[offset]} at {offset}").FirstOrDefault();
    }

    /// <summary>Returns what the control topic says.</summary>
    public PartitionOrders Orders()
    {
        var orders = new PartitionOrders();

        for (var record = Topic.Find(0); record is not null; record = Topic.Find(record.Offset + 1))
        {
            if (record.Entry is not ControlEntry.Report)
            {
                orders.Apply(record.Offset, record.Entry);
            }
        }

        return orders;
    }

    // An event is where it took effect last. From there it is handled again, and from none of its copies.
    private bool Took(long offset, long before, long target, long epoch) => Inbox.Effects.FindLast(effect => effect.Id == Log[(int)offset]) is { Id: not null } effect
        ? effect.Offset < target || effect.Offset >= before || effect.Epoch == epoch
        : offset < target && _passedOver.Contains(Log[(int)offset]);
}
