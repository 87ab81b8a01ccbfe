namespace Messaging.Patterns.EventSourcing;

/// <summary>An append expected another version than the stream has. Final: nothing was written, and nothing of it ever will be.</summary>
/// <param name="stream">The stream.</param>
/// <param name="expected">What the append expected.</param>
/// <param name="actual">The stream's version.</param>
/// <param name="position">A place in the log at which the stream has that version.</param>
public sealed class StreamConflictException(StreamId stream, ExpectedVersion expected, long actual, Position position)
    : MessagingException($"Cannot append to stream '{stream}': expected {expected}, but it is at version {actual}. Read it again and decide anew.")
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets what the append expected.</summary>
    public ExpectedVersion Expected { get; } = expected;

    /// <summary>Gets the version that the stream has, 0 when it does not exist.</summary>
    public long Actual { get; } = actual;

    /// <summary>Gets a place in the log at which the stream has that version; a read with <see cref="ReadConsistency.Session"/> sees it.</summary>
    public Position Position { get; } = position;
}
