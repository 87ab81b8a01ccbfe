using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;

namespace Messaging.Patterns.Chaos.Outbox.Checks;

/// <summary>Judges a history from outside: it knows the ledger, the topics and what handlers did, and nothing of the library.</summary>
internal static class OutboxChecker
{
    public static IReadOnlyList<Violation> Check(OutboxHistory history) =>
    [
        .. history.Broken.Select(broken => new Violation(ViolationKind.Failed, $"{broken.Process} broke: {broken.Told.Error}", At: broken.Told.At)),
        .. LedgerCheck.Check(history),
        .. SentCheck.Check(history),
        .. EffectCheck.Check(history),
    ];
}
