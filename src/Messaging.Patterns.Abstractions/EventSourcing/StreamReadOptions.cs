namespace Messaging.Patterns.EventSourcing;

/// <summary>Options of a read of one stream.</summary>
public sealed record StreamReadOptions
{
    /// <summary>Gets the version of the first event to read, 1 or more.</summary>
    /// <value>The default is 1, the stream's first event.</value>
    public long FromVersion { get; init; } = 1;

    /// <summary>Gets the most events to read, 1 or more.</summary>
    /// <value>The default is <see cref="long.MaxValue"/>: all.</value>
    public long MaxCount { get; init; } = long.MaxValue;

    /// <summary>Gets how fresh the read must be.</summary>
    /// <value>The default is <see cref="ReadConsistency.Local"/>.</value>
    public ReadConsistency Consistency { get; init; }

    /// <summary>Gets whether payloads are left serialized, as <see cref="RawEvent"/>, without upcasting and without need of a registered type.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Raw { get; init; }
}
