using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>Every rewind is acknowledged, unless a later one took its place before; acknowledgements never go back; times are resolved as the log has them.</summary>
internal static class RewindCheck
{
    public static IEnumerable<Violation> Check(ConsumeHistory history) =>
    [
        .. history.Control.GroupBy(one => (one.Group, one.Partition)).SelectMany(one => CheckPartition([.. one])),
        .. history.Plans.Where(plan => plan.Told.Time is not null).SelectMany(plan => CheckTimes(plan.Told, history)),
    ];

    private static IEnumerable<Violation> CheckPartition(List<ControlRecord> records)
    {
        var acknowledged = records.Where(one => one.Kind == ControlRecord.Done).OrderBy(one => one.Of).ToList();
        var rewinds = records.Where(one => one.Kind == ControlRecord.Rewind).ToList();

        foreach (var order in records.Where(one => one.Kind != ControlRecord.Done))
        {
            if (acknowledged.Find(one => one.Of >= order.Epoch) is not { } first)
            {
                yield return Violate(ViolationKind.Lost, order, "was never acknowledged");
            }
            else if (order.Kind == ControlRecord.Rewind && first.Value < order.Epoch)
            {
                yield return Violate(ViolationKind.Lost, order, $"was acknowledged with epoch {first.Of}, but not carried out: the epoch that holds is {first.Value}");
            }
        }

        foreach (var (former, later) in acknowledged.Zip(acknowledged.Skip(1)).Where(pair => pair.Second.Value < pair.First.Value))
        {
            yield return Violate(ViolationKind.Duplicated, later, $"went back from epoch {former.Value} to {later.Value}");
        }

        foreach (var told in acknowledged.Where(one => one.Value >= 0 && (one.Value > one.Of || !rewinds.Exists(rewind => rewind.Epoch == one.Value))))
        {
            yield return Violate(ViolationKind.Untrue, told, $"names epoch {told.Value}, which nobody asked for");
        }
    }

    private static IEnumerable<Violation> CheckTimes(RewindPlanned plan, ConsumeHistory history)
    {
        foreach (var planned in plan.Partitions)
        {
            // What came while it was planned may be known or not; it lies at the end or behind it.
            var first = history.Log.Where(one => one.Partition == planned.Partition && one.Time >= plan.Time).Select(one => one.Offset).DefaultIfEmpty(long.MaxValue).Min();

            if (planned.Target != Math.Min(first, planned.End))
            {
                yield return new(
                    planned.Target > first ? ViolationKind.Lost : ViolationKind.Untrue,
                    $"a rewind of {plan.Group} to {plan.Time:O} was planned to go to {planned.Partition}@{planned.Target}, but the first record of then is at {first}",
                    new Place(plan.Group, planned.Partition, planned.Target).ToString(),
                    plan.At);
            }
        }
    }

    private static Violation Violate(ViolationKind kind, ControlRecord one, string text) => new(
        kind, $"the {one.Kind} of {one.Group}, partition {one.Partition}, at {one.Epoch} of the control topic {text}", new Place(one.Group, one.Partition, one.Value).ToString());
}
