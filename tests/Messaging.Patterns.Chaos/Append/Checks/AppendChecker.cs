using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>Judges a history from outside: it knows the log, the calls and the answers, and nothing of the library.</summary>
internal static class AppendChecker
{
    public static IReadOnlyList<Violation> Check(AppendHistory history)
    {
        var index = new LogIndex(history.Topic, history.Log);
        return
        [
            .. history.Broken.Select(broken => new Violation(ViolationKind.Failed, $"{broken.Process} broke: {broken.Told.Error}", At: broken.Told.At)),
            .. LogCheck.Check(history, index),
            .. AnswerCheck.Check(history, index),
            .. ResolutionCheck.Check(history, index),
            .. OrderCheck.Check(history, index),
            .. ReadCheck.Check(history, index),
            .. GroupCheck.Check(history, index),
            .. StoreCheck.Check(history, index),
        ];
    }
}
