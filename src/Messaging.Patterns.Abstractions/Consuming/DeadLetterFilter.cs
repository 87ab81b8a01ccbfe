namespace Messaging.Patterns.Consuming;

/// <summary>Which dead letters of a group are meant. Every condition that is set must hold.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Gets the ids; any when empty.</summary>
    public IReadOnlyCollection<string> Ids { get; init; } = [];

    /// <summary>Gets the topic that the records came from.</summary>
    public string? Topic { get; init; }

    /// <summary>Gets the type of the exception, by its full name or by its last part.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>Gets from when on they were set aside.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Gets until when, exclusively, they were set aside.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Gets whether those that were replayed are meant too.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IncludesReplayed { get; init; }

    /// <summary>Gets a further condition.</summary>
    public Func<DeadLetter, bool>? Where { get; init; }

    /// <summary>Returns whether a dead letter is meant.</summary>
    /// <param name="letter">The dead letter.</param>
    public bool Matches(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return (Ids.Count == 0 || Ids.Contains(letter.Id))
            && (Topic is null || Topic == letter.Topic)
            && (ExceptionType is null || letter.ExceptionType == ExceptionType || letter.ExceptionType.EndsWith($".{ExceptionType}", StringComparison.Ordinal))
            && (From is null || letter.FailedAt >= From)
            && (Until is null || letter.FailedAt < Until)
            && (IncludesReplayed || letter.ReplayedAt is null)
            && (Where is null || Where(letter));
    }
}
