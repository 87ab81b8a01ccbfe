using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume.Checks;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>The part of a history that a violation is about.</summary>
internal sealed class ConsumeExcerpt(ConsumeHistory history, IReadOnlyList<CausedFault> faults, long began)
{
    private const int MaxLines = 80;

    /// <summary>Returns what happened around a violation, in the order of time; of a partition that is handlings, commits, orders and effects.</summary>
    public IEnumerable<string> Around(Violation violation)
    {
        var lines = Faults().Concat(Orders());

        if (Place.TryParse(violation.Subject, out var place))
        {
            lines = lines.Concat(Handlings(place)).Concat(Commits(place)).Concat(Effects(place));
        }

        var ordered = lines.OrderBy(line => line.At).ToList();
        var nearest = violation.At > 0 ? Math.Max(0, ordered.FindIndex(line => line.At >= violation.At)) : Math.Max(0, ordered.Count - MaxLines);
        return ordered.Skip(Math.Max(0, nearest - (MaxLines * 2 / 3))).Take(MaxLines).Select(line => line.Text).Concat(Control(place));
    }

    private IEnumerable<(long At, string Text)> Faults() => faults.Select(fault => Line(fault.From, $"{fault.Text} until {Seconds(fault.To)}"));

    private IEnumerable<(long At, string Text)> Orders() => history.Orders.Select(order => Line(order.Told.At, $"ordered: {order.Told.What} {order.Told.Error}"));

    private IEnumerable<(long At, string Text)> Handlings(Place place) => history.Handlings
        .Where(one => place.Group == ConsumeScenario.Listeners && one.Event.Partition == place.Partition && Math.Abs(one.Event.Offset - place.Offset) < 25)
        .Select(one => Line(one.Event.At, $"{one.Process} handles {one.Event.Partition}@{one.Event.Offset} {one.Event.Key}#{one.Event.Number} epoch {one.Event.Epoch} attempt {one.Event.Attempt}{(one.Event.IsReplay ? " replay" : "")} until {Seconds(one.Ended)}"));

    private IEnumerable<(long At, string Text)> Commits(Place place)
    {
        var commits = place.Group == ConsumeScenario.Listeners ? history.Commits : history.ProjectionCommits;
        return commits.Where(one => one.Next.ContainsKey(place.Partition)).Select(one => Line(one.At, $"committed {place.Partition}@{one.Next[place.Partition]}"));
    }

    private IEnumerable<(long At, string Text)> Effects(Place place) => place.Group == ConsumeScenario.Projection && history.Projection.TryGetValue(place.Partition, out var effects)
        ? effects.Where(one => Math.Abs(one.Next - place.Offset) < 25 || one.Number is null).Select(one => Line(one.At, $"{one.By} {(one.Number is null ? "rewinds to" : "applies, next")} {one.Next} epoch {one.Epoch}"))
        : [];

    private IEnumerable<string> Control(Place place) => history.Control.Where(one => one.Group == place.Group && one.Partition == place.Partition).TakeLast(MaxLines)
        .Select(one => FormattableString.Invariant($"control {one.Epoch}: {one.Kind} of {one.Of}, {one.Value}"));

    private (long At, string Text) Line(long at, string text) => (at, $"{Seconds(at)} {text}");

    private string Seconds(long at) =>
        at == long.MaxValue ? "never" : FormattableString.Invariant($"{Stopwatch.GetElapsedTime(began, at).TotalSeconds:F3}");
}
