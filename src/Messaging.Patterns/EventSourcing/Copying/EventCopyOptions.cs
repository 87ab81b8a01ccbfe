namespace Messaging.Patterns.EventSourcing;

/// <summary>Options of a copy of a store's events into another, and of a comparison of the two.</summary>
public sealed record EventCopyOptions
{
    /// <summary>Gets the place in the source to begin behind.</summary>
    /// <value>
    /// The default is <see cref="Position.Start"/>. <see cref="EventCopyProgress.Position"/> of an earlier copy, or any place before it, saves the time to meet again what is copied.
    /// </value>
    public Position After { get; init; } = Position.Start;

    /// <summary>Gets which streams are copied.</summary>
    /// <value>The default is <see langword="null"/>: all.</value>
    public Func<StreamId, bool>? Includes { get; init; }

    /// <summary>Gets how many appends may be under way at the same time, of a stream always one; twice as many are held in memory.</summary>
    /// <value>1 to 100,000; the default is 1,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">The number is less or more.</exception>
    public int MaxInFlight
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxInFlight));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100_000, nameof(MaxInFlight));
            field = value;
        }
    } = 1_000;

    /// <summary>Gets who is told how far it has got, every <see cref="ProgressInterval"/> and when it is done.</summary>
    /// <value>The default is <see langword="null"/>: nobody.</value>
    public IProgress<EventCopyProgress>? Progress { get; init; }

    /// <summary>Gets how often <see cref="Progress"/> is told.</summary>
    /// <value>The default is 5 seconds; zero for every append.</value>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the clock.</summary>
    /// <value>The default is the system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
