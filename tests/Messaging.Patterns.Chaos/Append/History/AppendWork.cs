using System.Globalization;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>What an append is to do. A repetition has the same.</summary>
/// <param name="Label">Names the append in its events.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Id">The append id, or <see langword="null"/> when the store draws one.</param>
/// <param name="Expectation"><c>any</c>, <c>exists</c> or a version; without meaning for a decision.</param>
/// <param name="Count">The number of events.</param>
/// <param name="Decides">Whether it is a decision: read, decide, append, again.</param>
internal sealed record AppendWork(string Label, string Stream, Guid? Id, string Expectation, int Count, bool Decides = false)
{
    public ExpectedVersion Expected => Decides ? ExpectedVersion.Any : Expectation switch
    {
        "any" => ExpectedVersion.Any,
        "exists" => ExpectedVersion.Exists,
        var version => ExpectedVersion.Exactly(long.Parse(version, CultureInfo.InvariantCulture)),
    };

    public AppendId AppendId => Id is { } id ? new AppendId(id) : default;
}
