using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>What can never be handled is set aside in the last epoch that covers it, and nothing else is.</summary>
internal static class DeadLetterCheck
{
    public static IEnumerable<Violation> Check(ConsumeHistory history, HandlingIndex index)
    {
        foreach (var one in history.Log.Where(one => one.IsPoison))
        {
            var epoch = index.Epochs.LastThatCovers(ConsumeScenario.Listeners, one.Partition, one.Offset);
            var isSkipped = index.Epochs.IsSkipped(ConsumeScenario.Listeners, one.Partition, one.Offset, epoch.Number);

            if (!isSkipped && !index.SetAside(one.Partition, one.Offset).Any(letter => IsOf(letter, epoch.Number, index)))
            {
                yield return Violate(ViolationKind.Lost, one.Partition, one.Offset, $"always fails, but was not set aside in epoch {epoch.Number}");
            }
        }

        foreach (var letter in history.DeadLetters.Where(letter => index.Find(letter.Partition, letter.Offset) is not { IsPoison: true }))
        {
            yield return Violate(ViolationKind.Lost, letter.Partition, letter.Offset, $"was set aside in epoch {letter.Epoch}, though it can be handled");
        }
    }

    private static bool IsOf(SetAside letter, long epoch, HandlingIndex index) =>
        letter.Epoch == epoch || (letter.Epoch > epoch && index.IsRedirected(letter.Partition, letter.Offset));

    private static Violation Violate(ViolationKind kind, int partition, long offset, string text) =>
        new(kind, $"{partition}@{offset} {text}", new Place(ConsumeScenario.Listeners, partition, offset).ToString());
}
