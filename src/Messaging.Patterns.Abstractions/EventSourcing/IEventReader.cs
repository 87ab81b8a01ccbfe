using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.EventSourcing;

/// <summary>Reads the events of one stream.</summary>
public interface IEventReader
{
    /// <summary>Reads the events of a stream in order of their versions, without gaps; nothing when the stream has no events.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">Where to begin, how many, how fresh.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="UnknownEventTypeException">A stored type name is not registered and the read is not raw.</exception>
    /// <exception cref="MessagingException">The store cannot answer; <see cref="MessagingException.IsTransient"/> says whether it may later.</exception>
    IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default);
}
