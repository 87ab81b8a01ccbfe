using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;

namespace Messaging.Patterns.Chaos.Outbox.Checks;

/// <summary>The ledger itself holds: what the database said is committed is in it, what was rolled back is not, and the numbers of a key have no gap.</summary>
internal static class LedgerCheck
{
    public static IEnumerable<Violation> Check(OutboxHistory history)
    {
        var entered = history.Ledger.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);

        foreach (var (process, told) in history.Transactions)
        {
            foreach (var id in told.Ids.Where(id => told.IsCommitted is { } isCommitted && isCommitted != entered.Contains(id)))
            {
                yield return new(
                    told.IsCommitted == true ? ViolationKind.Lost : ViolationKind.Untrue,
                    $"the transaction of {id} was told as {(told.IsCommitted == true ? "committed" : "rolled back")}, which the ledger denies (to {process})",
                    id,
                    told.At);
            }
        }

        foreach (var key in history.Ledger.GroupBy(one => one.Key))
        {
            if (key.Select((one, index) => one.Number == index + 1).Contains(false))
            {
                yield return new(ViolationKind.Untrue, $"the numbers of {key.Key} have a gap: the counter was not taken under its lock");
            }
        }
    }
}
