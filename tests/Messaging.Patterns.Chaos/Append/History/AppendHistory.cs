using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>Everything that was seen in a run, by everybody, and what the log holds in the end.</summary>
internal sealed record AppendHistory
{
    public IReadOnlyList<AppendCall> Appends { get; init; } = [];

    public IReadOnlyList<ResolveCall> Resolves { get; init; } = [];

    public IReadOnlyList<ReadCall> Reads { get; init; } = [];

    public IReadOnlyList<Handling> Handlings { get; init; } = [];

    public IReadOnlyList<Committed> Commits { get; init; } = [];

    /// <summary>Gets the times in which a deposed leader may have answered.</summary>
    public IReadOnlyList<(long From, long To)> Pauses { get; init; } = [];

    /// <summary>Gets what processes told in the end of the streams they hold.</summary>
    public IReadOnlyList<(string Process, VersionProbed Told)> Probes { get; init; } = [];

    /// <summary>Gets what processes told in the end of the partitions they hold.</summary>
    public IReadOnlyList<(string Process, FeedRead Told)> Feeds { get; init; } = [];

    public IReadOnlyList<(string Process, Broken Told)> Broken { get; init; } = [];

    /// <summary>Gets the topic's name.</summary>
    public string Topic { get; init; } = "";

    /// <summary>Gets the log, judged by rule F.</summary>
    public IReadOnlyList<LoggedFrame> Log { get; init; } = [];

    /// <summary>Gets the log after records of it, and all frames whose outcome was unknown, were written once more.</summary>
    public IReadOnlyList<LoggedFrame> LogWithCopies { get; init; } = [];
}
