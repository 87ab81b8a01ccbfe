using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Messaging.Patterns.EventSourcing;

/// <summary>Names a stream: the events of one entity, written <c>category-id</c>, such as <c>account-42</c>.</summary>
/// <remarks>
/// The category must not be empty and must not contain <c>-</c>; the id must not be empty and may contain it. Both may contain anything but white space
/// and control characters, and the whole takes at most <see cref="MaxBytes"/> bytes of UTF-8, because it is the key of every record of the stream.
/// Comparison is ordinal.
/// </remarks>
public sealed record StreamId : IParsable<StreamId>
{
    /// <summary>The most bytes of UTF-8 that a stream id may take: 512.</summary>
    public const int MaxBytes = 512;

    private readonly string _value;

    /// <summary>Initializes the id of the stream of one entity.</summary>
    /// <param name="category">The kind of entity, such as <c>account</c>.</param>
    /// <param name="id">The entity's own id, such as <c>42</c>.</param>
    /// <exception cref="ArgumentException">The category or the id breaks a rule; the message says which.</exception>
    public StreamId(string category, string id)
        : this(category, id, value: null)
    {
    }

    private StreamId(string category, string id, string? value)
    {
        ArgumentNullException.ThrowIfNull(category);
        ArgumentNullException.ThrowIfNull(id);

        if (FindFault(category, id) is { } fault)
        {
            throw new ArgumentException($"'{category}-{id}' is not a valid stream id: {fault}", FindFault(category, "1") is null ? nameof(id) : nameof(category));
        }

        Category = category;
        Id = id;
        _value = value ?? $"{category}-{id}";
    }

    /// <summary>Gets the kind of entity, which decides the topic or table in which the stream lives.</summary>
    public string Category { get; }

    /// <summary>Gets the entity's own id.</summary>
    public string Id { get; }

    /// <summary>Parses <c>category-id</c>; the first <c>-</c> separates the two.</summary>
    /// <param name="s">The text.</param>
    /// <exception cref="FormatException">The text is not a stream id; the message says why.</exception>
    public static StreamId Parse(string s)
    {
        ArgumentNullException.ThrowIfNull(s);

        return Split(s, out var category, out var id) is { } fault
            ? throw new FormatException($"'{s}' is not a valid stream id: {fault}")
            : new StreamId(category, id, s);
    }

    /// <summary>Parses <c>category-id</c> and returns whether that was possible.</summary>
    /// <param name="value">The text.</param>
    /// <param name="result">The stream id.</param>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out StreamId? result) => TryParseCore(value, out result);

    static StreamId IParsable<StreamId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<StreamId>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out StreamId result) => TryParseCore(s, out result);

    private static bool TryParseCore([NotNullWhen(true)] string? s, [NotNullWhen(true)] out StreamId? result)
    {
        var valid = s is not null && Split(s, out _, out _) is null;
        result = valid ? Parse(s!) : null;
        return valid;
    }

    /// <inheritdoc/>
    public bool Equals(StreamId? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    /// <summary>Returns <c>category-id</c>.</summary>
    public override string ToString() => _value;

    private static string? Split(string value, out string category, out string id)
    {
        var dash = value.IndexOf('-', StringComparison.Ordinal);
        (category, id) = dash < 0 ? (value, "") : (value[..dash], value[(dash + 1)..]);
        return dash < 0 ? "it needs a '-' between category and id, as in 'account-42'." : FindFault(category, id);
    }

    private static string? FindFault(string category, string id) =>
        category.Length == 0 ? "the category before the first '-' is empty."
        : category.Contains('-', StringComparison.Ordinal) ? "the category must not contain '-', which separates it from the id."
        : id.Length == 0 ? "the id after the first '-' is empty."
        : FindUnprintable(category) ?? FindUnprintable(id) ?? FindExcess(category, id);

    private static string? FindUnprintable(string part)
    {
        foreach (var rune in part.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                return $"U+{rune.Value:X4} is not allowed (white space, control character or broken text).";
            }
        }

        return null;
    }

    private static string? FindExcess(string category, string id)
    {
        var bytes = Encoding.UTF8.GetByteCount(category) + 1 + Encoding.UTF8.GetByteCount(id);
        return bytes > MaxBytes ? $"it takes {bytes} bytes of UTF-8; at most {MaxBytes} are allowed." : null;
    }
}
