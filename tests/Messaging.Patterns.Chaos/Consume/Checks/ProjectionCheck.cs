using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>
/// Every event has its effect on the projection exactly once in each epoch, from the target of that epoch on without a gap. The position may be set for a rewind
/// that a later one replaces before it is acknowledged, but events have their effects in acknowledged epochs only.
/// </summary>
internal static class ProjectionCheck
{
    public static IEnumerable<Violation> Check(ConsumeHistory history, GroupEpochs epochs) => history.Log.GroupBy(one => one.Partition)
        .SelectMany(partition => CheckPartition(partition.Key, [.. partition], history.Projection.GetValueOrDefault(partition.Key) ?? [], epochs));

    private static IEnumerable<Violation> CheckPartition(int partition, List<LoggedEvent> log, IReadOnlyList<PositionLine> lines, GroupEpochs epochs)
    {
        var (epoch, next) = (0L, 0L);
        var acknowledged = epochs.Of(ConsumeScenario.Projection, partition);

        foreach (var line in lines)
        {
            if (line.Number is null)
            {
                if (!epochs.IsOrdered(ConsumeScenario.Projection, partition, new(line.Epoch, line.Next)) || line.Epoch <= epoch)
                {
                    yield return Violate(ViolationKind.Untrue, partition, line, $"was rewound to {line.Next} in epoch {line.Epoch}, after {epoch}: nobody ordered that, or it was done before");
                }
            }
            else if (line.Epoch != epoch || line.Next <= next)
            {
                yield return Violate(ViolationKind.Duplicated, partition, line, $"took {line.Next - 1} of epoch {line.Epoch} when it was at {next} of epoch {epoch}");
            }
            else if (epochs.Find(ConsumeScenario.Projection, partition, line.Epoch) is null)
            {
                yield return Violate(ViolationKind.Untrue, partition, line, $"took {line.Next - 1} in epoch {line.Epoch}, which was never acknowledged");
            }
            else if (line.Next > next + 1)
            {
                yield return Violate(ViolationKind.Lost, partition, line, $"took {line.Next - 1} when it was at {next}");
            }
            else if (log.Find(one => one.Offset == next)?.Number != line.Number)
            {
                yield return Violate(ViolationKind.Untrue, partition, line, $"took {line.Number} at {next}, which is not in the log");
            }

            (epoch, next) = (line.Epoch, line.Next);
        }

        if (next != log[^1].Offset + 1 || epoch != acknowledged[^1].Number)
        {
            yield return new(
                ViolationKind.Lost, $"the projection of partition {partition} ends at {next} of epoch {epoch}, but the log at {log[^1].Offset + 1} and the last epoch is {acknowledged[^1].Number}", new Place(ConsumeScenario.Projection, partition, next).ToString());
        }
    }

    private static Violation Violate(ViolationKind kind, int partition, PositionLine line, string text) =>
        new(kind, $"the projection of partition {partition} {text} (by {line.By})", new Place(ConsumeScenario.Projection, partition, line.Next).ToString(), line.At);
}
