namespace Messaging.Patterns.EventSourcing;

/// <summary>Options of one append.</summary>
public sealed record AppendOptions
{
    /// <summary>Gets the append's id; repeating an append with the same id on the same stream answers the first result.</summary>
    /// <value>The default is no id: the store draws one, and a repetition is a second append.</value>
    public AppendId Id { get; init; }

    /// <summary>Gets how long the append may take before it fails, as transient if surely nothing was written, else with <see cref="AppendOutcomeUnknownException"/>.</summary>
    /// <value>0 to 24 days; the default is <see langword="null"/>: the store's own limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or longer than that.</exception>
    public TimeSpan? Timeout
    {
        get;
        init
        {
            if (value is { } timeout)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero, nameof(Timeout));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromDays(24), nameof(Timeout));
            }

            field = value;
        }
    }
}
