using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>A session read waited in vain for a position: nothing was appended that reaches it.</summary>
/// <param name="position">The position.</param>
/// <param name="limit">How long the read waited.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class PositionNotReachedException(Position position, TimeSpan limit, Exception? inner = null)
    : MessagingException($"The in-memory event store did not reach position '{position}' within {limit}. Does the position come from another store?", inner)
{
    /// <summary>Gets the position.</summary>
    public Position Position { get; } = position;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
