using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>The event of this scenario.</summary>
/// <param name="Text">Which append it is of, its place there, and for a decision the version that it was taken at: <c>writer-1.2.17#0@4</c>.</param>
[EventType("noted")]
internal sealed record Noted(string Text)
{
    /// <summary>Returns the events of an append.</summary>
    /// <param name="label">The append's label.</param>
    /// <param name="count">How many.</param>
    /// <param name="decidedAt">The version that they were decided at, or <see langword="null"/> if there was no decision.</param>
    public static IReadOnlyList<EventData> Many(string label, int count, long? decidedAt = null) =>
        [.. Texts(label, count, decidedAt).Select(text => new EventData(new Noted(text)))];

    public static IEnumerable<string> Texts(string label, int count, long? decidedAt) =>
        Enumerable.Range(0, count).Select(index => FormattableString.Invariant($"{label}#{index}") + (decidedAt is { } version ? FormattableString.Invariant($"@{version}") : ""));

    public static string LabelOf(string text) => text[..text.IndexOf('#', StringComparison.Ordinal)];
}
