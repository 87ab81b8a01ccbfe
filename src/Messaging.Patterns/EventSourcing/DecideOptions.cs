namespace Messaging.Patterns.EventSourcing;

/// <summary>Options of one decision.</summary>
public sealed record DecideOptions
{
    /// <summary>Gets the id of the append that the decision leads to; deciding again with the same id answers the first result and decides nothing.</summary>
    /// <value>
    /// The default is no id. A repetition is recognised by the ids of the stream's events, however long ago they were appended; only events that were given
    /// an <see cref="EventData.Id"/> of their own depend on what the store remembers of its newest appends.
    /// </value>
    public AppendId Id { get; init; }

    /// <summary>Gets how often it is decided at most when others append in between.</summary>
    /// <value>At least 1; the default is 10.</value>
    public int MaxAttempts { get; init; } = 10;

    /// <summary>Gets how long each append may take.</summary>
    /// <value>The default is <see langword="null"/>: the store's own limit.</value>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Gets the metadata of the events that are not given as <see cref="EventData"/>.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Gets how fresh the first read must be. A stale read costs another attempt, never a wrong decision.</summary>
    /// <remarks>What is decided on a local read is confirmed by the append; a decision for no events, or one that throws, is taken again on a strong read.</remarks>
    /// <value>The default is <see cref="ReadConsistency.Local"/>.</value>
    public ReadConsistency Consistency { get; init; }
}
