using System.Diagnostics;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Chaos.Consume.Processes;

/// <summary>
/// Chooses where to rewind to, so that no order passes over what is not handled: a rewind ahead of the group would do so, and it would be what was asked. So no
/// target lies beyond the commit, nor beyond the target of an earlier order that may not be carried out yet; and where it is not known whether an order is stored,
/// none is given for a while, lest it comes behind.
/// </summary>
internal sealed class RewindChooser(int seed)
{
    // A broker that was paused may show an older commit, or take an order that its sender gave up.
    private static readonly TimeSpan UncertainFor = TimeSpan.FromSeconds(20);

    private readonly Random _random = new(seed);
    private readonly List<GivenOrder> _given = [];

    /// <summary>Gets the orders that may not be carried out.</summary>
    public IEnumerable<(string Group, string Operation)> Operations =>
        [.. _given.Where(order => order is { IsOpen: true, Operation: not null }).Select(order => (order.Group, order.Operation!)).Distinct()];

    public bool IsAnyOpen => Operations.Any();

    /// <summary>Chooses a target: a time, an offset, or at times the beginning.</summary>
    /// <param name="now">Where the group is.</param>
    public RewindTarget ChooseTarget(RewindPlan now) => _random.Next(20) switch
    {
        0 => RewindTarget.Beginning,
        < 10 => RewindTarget.At(DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(_random.Next(500, 25_000))),
        _ => RewindTarget.Offset(Math.Max(0, now.Partitions[0].Committed - _random.Next(200))),
    };

    /// <summary>Changes targets that could pass over something, and leaves out partitions that may get an order any moment.</summary>
    public RewindPlan Restrict(RewindPlan plan) => plan with
    {
        Partitions = [.. plan.Partitions.Where(one => !MayComeLate(plan.Group, one.Partition)).Select(one => one with { Target = Math.Min(one.Target, LastTarget(plan.Group, one)) })],
    };

    /// <summary>An order was given.</summary>
    /// <param name="plan">What was ordered.</param>
    /// <param name="operation">Its name, <see langword="null"/> if it may be stored or not.</param>
    public void Ordered(RewindPlan plan, string? operation) =>
        _given.AddRange(plan.Partitions.Select(one => new GivenOrder(plan.Group, one.Partition, one.Target, operation, Stopwatch.GetTimestamp())));

    /// <summary>An order was looked at.</summary>
    /// <param name="operation">Its name.</param>
    /// <param name="open">The partitions in which it is not carried out.</param>
    public void Look(string operation, IReadOnlyCollection<int> open)
    {
        foreach (var order in _given.Where(order => order.Operation == operation && !open.Contains(order.Partition)))
        {
            order.IsOpen = false;
        }
    }

    private bool MayComeLate(string group, int partition) =>
        _given.Exists(order => order.Group == group && order.Partition == partition && order.Operation is null && !IsOld(order));

    private long LastTarget(string group, PlannedRewind planned) =>
        _given.Where(order => order.Group == group && order.Partition == planned.Partition && (order is { IsOpen: true, Operation: not null } || !IsOld(order))).Select(order => order.Target).Append(planned.Committed).Min();

    private static bool IsOld(GivenOrder order) => Stopwatch.GetElapsedTime(order.Given) > UncertainFor;

    private sealed record GivenOrder(string Group, int Partition, long Target, string? Operation, long Given)
    {
        public bool IsOpen { get; set; } = true;
    }
}
