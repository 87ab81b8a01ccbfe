using System.Diagnostics;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>The part of a history that a violation is about.</summary>
internal sealed class OutboxExcerpt(OutboxHistory history, IReadOnlyList<CausedFault> faults, long began)
{
    private const int Neighbours = 8;

    /// <summary>Returns the faults, and of a violation that is about an event what ledger, topic and handlers have of it and of its key around it.</summary>
    public IEnumerable<string> Around(Violation violation)
    {
        var lines = faults.Select(fault => (At: fault.From, Text: $"{Seconds(fault.From)} {fault.Text} until {Seconds(fault.To)}"));

        if (violation.Subject is not { } id)
        {
            return lines.OrderBy(line => line.At).Select(line => line.Text);
        }

        var transactions = history.Transactions.Where(one => one.Told.Ids.Contains(id)).Select(one => (one.Told.At, Text: $"{Seconds(one.Told.At)} {one.Process} ended the transaction of {id}: {Name(one.Told.IsCommitted)}"));
        return
        [
            .. lines.Concat(transactions).OrderBy(line => line.At).Select(line => line.Text),
            .. Near(history.Ledger, one => one.Key, one => one.Id, id).Select(one => $"ledger {one.Key} {one.Number}: {one.Id}"),
            .. Near(history.Log, one => one.Key, one => one.Id, id).Select(one => $"topic {one.Partition}@{one.Offset} {one.Key}: {one.Id}"),
            .. Near(history.Effects ?? [], one => $"{one.Group} {one.Key}", one => one.Id, id).Select(one => $"effect {one.Group} {one.Key} {one.Sequence}: {one.Id} at {one.Partition}@{one.Offset} in epoch {one.Epoch} by {one.By}"),
            .. Near(history.Told, one => $"{one.Group} {one.Key}", one => one.Of, id).Select(one => $"told {one.Group} {one.Key} {one.Id}: of {one.Of}"),
        ];
    }

    private static IEnumerable<T> Near<T>(IReadOnlyList<T> all, Func<T, string> key, Func<T, string> idOf, string id)
    {
        var places = all.Where(one => idOf(one) == id).ToList();

        foreach (var same in places.Select(key).Distinct().Select(name => all.Where(one => key(one) == name).ToList()))
        {
            var at = same.Select((one, index) => (one, index)).Where(pair => idOf(pair.one) == id).Select(pair => pair.index).ToList();

            foreach (var index in Enumerable.Range(0, same.Count).Where(index => at.Exists(place => Math.Abs(place - index) <= Neighbours)))
            {
                yield return same[index];
            }
        }
    }

    private static string Name(bool? isCommitted) => isCommitted switch { true => "committed", false => "rolled back", null => "unknown" };

    private string Seconds(long at) => FormattableString.Invariant($"{Stopwatch.GetElapsedTime(began, at).TotalSeconds:F3}");
}
