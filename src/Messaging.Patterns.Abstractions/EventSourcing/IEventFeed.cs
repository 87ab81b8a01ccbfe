namespace Messaging.Patterns.EventSourcing;

/// <summary>Reads all events of a store from a position: each exactly once, none missed, in order per stream (on Kafka: per partition).</summary>
public interface IEventFeed
{
    /// <summary>Reads the events after a position.</summary>
    /// <remarks>To go on later, merge the positions of all events received (<see cref="Position.Merge"/>) and begin there, after the last event of an append.</remarks>
    /// <param name="after">The position; <see cref="Position.Start"/> for all events.</param>
    /// <param name="options">Whether to go on with later events, and whether to leave payloads serialized.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    IAsyncEnumerable<RecordedEvent> ReadAllAsync(Position after, FeedReadOptions? options = null, CancellationToken cancellationToken = default);
}
