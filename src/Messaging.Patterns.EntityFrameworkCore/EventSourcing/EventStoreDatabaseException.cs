namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>The database of an event store did not do what it was asked. Of an append nothing was written.</summary>
/// <param name="what">What was asked, and what went wrong.</param>
/// <param name="isTransient">Whether trying again may succeed.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class EventStoreDatabaseException(string what, bool isTransient, Exception? inner = null) : MessagingException(what, inner)
{
    /// <inheritdoc/>
    public override bool IsTransient { get; } = isTransient;
}
