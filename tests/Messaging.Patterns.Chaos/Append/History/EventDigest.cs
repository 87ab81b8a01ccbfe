namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>A number that stands for a sequence of events, whole: two sequences that differ have different ones, but for one case in 2^64 (FNV-1a).</summary>
internal sealed class EventDigest
{
    private const ulong Begin = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    public ulong Value { get; private set; } = Begin;

    public int Count { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="version">Its version.</param>
    /// <param name="id">Its id.</param>
    /// <param name="text">Its payload.</param>
    /// <param name="position">The place up to and including its append.</param>
    public void Add(string stream, long version, string id, string text, string position)
    {
        Count++;

        foreach (var letter in FormattableString.Invariant($"{stream}\n{version}\n{id}\n{text}\n{position}\n"))
        {
            Value = unchecked((Value ^ letter) * Prime);
        }
    }
}
