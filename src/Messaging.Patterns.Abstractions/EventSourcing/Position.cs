using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Messaging.Patterns.EventSourcing;

/// <summary>A place in a store's log: everything up to and including some event, handed out by appends and reads.</summary>
/// <remarks>
/// A log has one or more parts (on Kafka the partitions of the event topics), each with an order of its own, so a position is a vector and positions are
/// only partially ordered: use <see cref="Covers"/>, and <see cref="Merge"/> to wait for several writes at once. Its text form is a token to hand to
/// clients: entries <c>part@next</c> in ordinal order of part, separated by commas, where <c>next</c> is the offset after the last entry covered.
/// Treat it as opaque.
/// </remarks>
public sealed class Position : IEquatable<Position>, IParsable<Position>
{
    private readonly string? _part;
    private readonly long _next;
    private readonly FrozenDictionary<string, long>? _parts;

    private Position()
    {
    }

    private Position(string part, long next) => (_part, _next) = (part, next);

    private Position(Dictionary<string, long> parts) => _parts = parts.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Gets the position before every event.</summary>
    public static Position Start { get; } = new();

    /// <summary>Gets the parts of the log that the position says something about, in no particular order.</summary>
    public IEnumerable<string> Parts => _parts is not null ? _parts.Keys : _part is null ? [] : [_part];

    /// <summary>Returns the position that covers one part of the log up to an offset.</summary>
    /// <param name="part">The part's name, without <c>@</c> and <c>,</c>.</param>
    /// <param name="next">The offset after the last entry covered, 0 or more.</param>
    /// <exception cref="ArgumentException">The name is empty or contains <c>@</c> or <c>,</c>, or the offset is negative.</exception>
    public static Position At(string part, long next)
    {
        ArgumentException.ThrowIfNullOrEmpty(part);
        ArgumentOutOfRangeException.ThrowIfNegative(next);
        return part.AsSpan().IndexOfAny('@', ',') < 0
            ? new(part, next)
            : throw new ArgumentException($"'{part}' cannot name a part of a log: it must not contain '@' and ','.", nameof(part));
    }

    /// <summary>Returns the offset after the last entry covered in a part of the log; 0 when the position says nothing about it.</summary>
    /// <param name="part">The part's name.</param>
    public long Next(string part) =>
        _parts is not null ? _parts.GetValueOrDefault(part)
        : string.Equals(part, _part, StringComparison.Ordinal) ? _next
        : 0;

    /// <summary>Returns the smallest position that covers both this and another position.</summary>
    /// <param name="other">The other position.</param>
    public Position Merge(Position other)
    {
        ArgumentNullException.ThrowIfNull(other);

        if (Covers(other))
        {
            return this;
        }

        if (other.Covers(this))
        {
            return other;
        }

        var parts = Parts.ToDictionary(part => part, Next, StringComparer.Ordinal);

        foreach (var part in other.Parts)
        {
            parts[part] = Math.Max(parts.GetValueOrDefault(part), other.Next(part));
        }

        return new(parts);
    }

    /// <summary>Returns whether every entry that another position covers is covered by this one too.</summary>
    /// <param name="other">The other position.</param>
    public bool Covers(Position other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other._parts is null
            ? other._part is null || Next(other._part) >= other._next
            : other._parts.All(entry => Next(entry.Key) >= entry.Value);
    }

    /// <summary>Parses the text form.</summary>
    /// <param name="s">The text.</param>
    /// <exception cref="FormatException">The text is not a position.</exception>
    public static Position Parse(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParseCore(s, out var position)
            ? position
            : throw new FormatException($"'{s}' is not a position: expected 'part@next' entries separated by commas, as in 'accounts:3@1043'.");
    }

    /// <summary>Parses the text form and returns whether that was possible.</summary>
    /// <param name="value">The text.</param>
    /// <param name="result">The position.</param>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out Position? result) => TryParseCore(value, out result);

    static Position IParsable<Position>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<Position>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Position result) => TryParseCore(s, out result);

    private static bool TryParseCore([NotNullWhen(true)] string? s, [NotNullWhen(true)] out Position? result)
    {
        result = s is "" ? Start : null;
        var parts = new Dictionary<string, long>(StringComparer.Ordinal);

        foreach (var entry in string.IsNullOrEmpty(s) ? [] : s.Split(','))
        {
            var at = entry.IndexOf('@', StringComparison.Ordinal);

            if (at <= 0 || !long.TryParse(entry.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var next) || !parts.TryAdd(entry[..at], next))
            {
                return false;
            }
        }

        result = parts.Count switch { 0 => result, 1 => new(parts.First().Key, parts.First().Value), _ => new(parts) };
        return result is not null;
    }

    /// <inheritdoc/>
    public bool Equals(Position? other) => other is not null && Covers(other) && other.Covers(this);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Position);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Parts.Where(part => Next(part) > 0).Aggregate(0, (hash, part) => hash ^ HashCode.Combine(string.GetHashCode(part, StringComparison.Ordinal), Next(part)));

    /// <summary>Returns the text form; the empty text is <see cref="Start"/>.</summary>
    public override string ToString() => string.Join(
        ',', Parts.Order(StringComparer.Ordinal).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part}@{Next(part)}")));
}
