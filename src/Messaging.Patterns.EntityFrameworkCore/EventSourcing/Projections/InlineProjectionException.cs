using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

/// <summary>An inline projection could not handle an event, so it was not appended: nothing of the append was written, and nothing by its projections.</summary>
public sealed class InlineProjectionException : MessagingException
{
    internal InlineProjectionException(string projection, RecordedEvent recorded, bool isTransient, Exception inner)
        : base($"Inline projection '{projection}' could not handle event '{recorded.Type}', version {recorded.Version} of stream '{recorded.Stream}': {inner.Message} Nothing was appended.", inner) =>
        (Projection, Stream, Version, EventType, IsTransient) = (projection, recorded.Stream, recorded.Version, recorded.Type, isTransient);

    /// <summary>Gets the projection's name.</summary>
    public string Projection { get; }

    /// <summary>Gets the stream that was appended to.</summary>
    public StreamId Stream { get; }

    /// <summary>Gets the version that the event would have had.</summary>
    public long Version { get; }

    /// <summary>Gets the type name of the event.</summary>
    public string EventType { get; }

    /// <summary>Gets whether trying the append again may succeed: whether it was the database that could not, for now, such as after a deadlock.</summary>
    public override bool IsTransient { get; }
}
