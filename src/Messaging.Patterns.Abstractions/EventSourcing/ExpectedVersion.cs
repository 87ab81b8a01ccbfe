namespace Messaging.Patterns.EventSourcing;

/// <summary>What an append expects of the stream's version: the number of its events, 0 when it does not exist.</summary>
public readonly record struct ExpectedVersion
{
    private const long AnyValue = 0;
    private const long ExistsValue = -1;

    // Shifted by one, so that default means Any.
    private readonly long _value;

    private ExpectedVersion(long value) => _value = value;

    /// <summary>Gets the expectation that always holds. This is the default.</summary>
    public static ExpectedVersion Any => default;

    /// <summary>Gets the expectation that the stream has no events yet.</summary>
    public static ExpectedVersion NoStream => new(1);

    /// <summary>Gets the expectation that the stream has at least one event.</summary>
    public static ExpectedVersion Exists => new(ExistsValue);

    /// <summary>Gets the exact version that is expected, or <see langword="null"/> for <see cref="Any"/> and <see cref="Exists"/>.</summary>
    public long? Exact => _value > 0 ? _value - 1 : null;

    /// <summary>Returns the expectation of exactly this version; 0 is <see cref="NoStream"/>.</summary>
    /// <param name="version">The version, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The version is negative or <see cref="long.MaxValue"/>.</exception>
    public static ExpectedVersion Exactly(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        ArgumentOutOfRangeException.ThrowIfEqual(version, long.MaxValue);
        return new(version + 1);
    }

    /// <summary>Returns whether a stream at version <paramref name="actual"/> (0 when it does not exist) meets this expectation.</summary>
    /// <param name="actual">The stream's version.</param>
    public bool IsMetBy(long actual) => _value switch
    {
        AnyValue => true,
        ExistsValue => actual > 0,
        _ => actual == _value - 1,
    };

    /// <summary>Returns <c>any version</c>, <c>an existing stream</c>, <c>no stream</c> or <c>version n</c>.</summary>
    public override string ToString() => _value switch
    {
        AnyValue => "any version",
        ExistsValue => "an existing stream",
        1 => "no stream",
        _ => $"version {_value - 1}",
    };
}
