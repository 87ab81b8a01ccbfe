using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>Judges a history from outside: it knows the log, the orders and what was handled, and nothing of the library.</summary>
internal static class ConsumeChecker
{
    /// <summary>Returns what is still to be handled or set aside when a history ends, in which nobody publishes or orders any more.</summary>
    public static IReadOnlyList<Violation> FindOpen(ConsumeHistory history)
    {
        var index = new HandlingIndex(history, new GroupEpochs(history.Control));
        return [.. HandlingCheck.CheckLoss(history, index), .. DeadLetterCheck.Check(history, index)];
    }

    public static IReadOnlyList<Violation> Check(ConsumeHistory history)
    {
        var epochs = new GroupEpochs(history.Control);
        var index = new HandlingIndex(history, epochs);
        return
        [
            .. history.Broken.Select(broken => new Violation(ViolationKind.Failed, $"{broken.Process} broke: {broken.Told.Error}", At: broken.Told.At)),
            .. PublishCheck.Check(history),
            .. RewindCheck.Check(history),
            .. HandlingCheck.Check(history, index),
            .. DeadLetterCheck.Check(history, index),
            .. CommitCheck.Check(history, index),
            .. ProjectionCheck.Check(history, epochs),
        ];
    }
}
