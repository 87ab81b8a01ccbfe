using System.Collections.Frozen;

namespace Messaging.Patterns.CloudEvents;

/// <summary>The rules of CloudEvents 1.0 for attribute names (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).</summary>
public static class CloudEventAttributes
{
    /// <summary>The most characters that a name should have: 20.</summary>
    public const int MaxNameLength = 20;

    private static readonly FrozenSet<string> Defined = FrozenSet.Create(
        StringComparer.Ordinal,
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data", "data_base64", "traceparent", "tracestate");

    /// <summary>Throws if a name cannot be that of an extension attribute of the caller's own.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isReserved">Whether the store uses the name for itself.</param>
    /// <exception cref="ArgumentException">The name is not 1 to 20 lower-case letters and digits, or is taken.</exception>
    public static void ThrowIfInvalid(string name, bool isReserved = false)
    {
        ArgumentNullException.ThrowIfNull(name);

        if (name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(Letters))
        {
            throw new ArgumentException($"'{name}' cannot name metadata: expected 1 to {MaxNameLength} lower-case letters and digits, the form of CloudEvents extension attributes.", nameof(name));
        }

        if (isReserved || Defined.Contains(name))
        {
            throw new ArgumentException($"'{name}' cannot name metadata: the name is taken by CloudEvents or by this library.", nameof(name));
        }
    }

    private static System.Buffers.SearchValues<char> Letters { get; } = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
}
