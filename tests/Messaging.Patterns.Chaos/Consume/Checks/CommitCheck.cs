using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>Nothing is committed ahead of what is done: handled, set aside, redirected, or passed over as ordered; by the projection, in its own storage.</summary>
internal static class CommitCheck
{
    public static IEnumerable<Violation> Check(ConsumeHistory history, HandlingIndex index) =>
    [
        .. history.Log.GroupBy(one => one.Partition).SelectMany(partition => CheckListeners([.. partition], history.Commits, index)),
        .. history.Projection.SelectMany(partition => CheckProjection(partition.Key, partition.Value, history.ProjectionCommits)),
    ];

    private static IEnumerable<Violation> CheckListeners(List<LoggedEvent> partition, IReadOnlyList<Committed> commits, HandlingIndex index)
    {
        var number = partition[0].Partition;

        foreach (var commit in commits.Where(one => one.Next.ContainsKey(number)))
        {
            var ahead = partition.Find(one => one.Offset < commit.Next[number] && !index.IsDone(one, commit));

            if (ahead is not null)
            {
                yield return new(
                    ViolationKind.Lost, $"{number}@{commit.Next[number]} was committed before {ahead.Offset} was handled", new Place(ConsumeScenario.Listeners, number, ahead.Offset).ToString(), commit.At);
            }
        }
    }

    private static IEnumerable<Violation> CheckProjection(int partition, IReadOnlyList<PositionLine> lines, IReadOnlyList<Committed> commits)
    {
        foreach (var commit in commits.Where(one => one.Next.GetValueOrDefault(partition) > 0))
        {
            if (!lines.Any(line => line.At <= commit.At && line.Next >= commit.Next[partition]))
            {
                yield return new(
                    ViolationKind.Lost,
                    $"{partition}@{commit.Next[partition]} was committed before the projection was there",
                    new Place(ConsumeScenario.Projection, partition, commit.Next[partition]).ToString(),
                    commit.At);
            }
        }
    }
}
