using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Consuming;

/// <summary>A consumer group has not handled everything up to a position: time is over, or something holds it up.</summary>
/// <param name="group">The group.</param>
/// <param name="position">The position that was waited for.</param>
/// <param name="reason">Where the group is, or what holds it up.</param>
/// <param name="isStopped">Whether a partition has stopped before the position.</param>
/// <param name="parked">The key behind which the position lies; <see langword="null"/> if that is not the reason.</param>
public sealed class PositionNotHandledException(string group, Position position, string reason, bool isStopped = false, ParkedKey? parked = null)
    : MessagingException($"Consumer group '{group}' has not handled everything up to position '{position}': {reason.TrimEnd('.')}.")
{
    /// <summary>Gets the group.</summary>
    public string Group { get; } = group;

    /// <summary>Gets the position that was waited for.</summary>
    public Position Position { get; } = position;

    /// <summary>Gets whether a partition has stopped before the position.</summary>
    public bool IsStopped { get; } = isStopped;

    /// <summary>Gets the key behind which the position lies; <see langword="null"/> if that is not the reason.</summary>
    public ParkedKey? Parked { get; } = parked;

    /// <inheritdoc/>
    public override bool IsTransient => !IsStopped && Parked is null;
}
