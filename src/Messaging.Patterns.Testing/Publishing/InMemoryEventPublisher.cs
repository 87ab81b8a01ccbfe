using System.Collections.Frozen;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.Testing.EventSourcing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Testing.Publishing;

/// <summary>An event publisher that keeps what was published, for tests. It passes the same contract suite as the publisher to Kafka.</summary>
/// <param name="codec">The event types.</param>
/// <param name="options">The routes.</param>
/// <param name="time">The clock.</param>
public sealed class InMemoryEventPublisher(EventCodec codec, IOptions<InMemoryEventPublisherOptions> options, TimeProvider time) : IEventPublisher
{
    private readonly Lock _gate = new();
    private readonly FrozenDictionary<Type, InMemoryRoute> _routes = options.Value.Routes.ToFrozenDictionary(route => route.EventType);
    private readonly StoredEventCodec _codec = new(codec, time);
    private readonly Dictionary<string, long> _ends = new(StringComparer.Ordinal);
    private readonly List<PublishedEvent> _published = [];

    /// <summary>Gets a copy of all events published so far, in their order.</summary>
    public IReadOnlyList<PublishedEvent> Published
    {
        get
        {
            lock (_gate)
            {
                return [.. _published];
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<Position> PublishAsync(EventData @event, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(@event, nameof(@event));
        cancellationToken.ThrowIfCancellationRequested();

        if (!_routes.TryGetValue(@event.Payload.GetType(), out var route))
        {
            throw new UnknownEventTypeException(
                @event.Payload.GetType().FullName!,
                $"Events of type '{@event.Payload.GetType()}' have no route. Give one to AddInMemoryEventPublisher: AddRoute<{@event.Payload.GetType().Name}>(\"topic\", e => e.Key).");
        }

        var now = time.GetUtcNow();
        var stored = _codec.Encode(@event, @event.Id ?? Guid.CreateVersion7(now).ToString("N"), now, isReserved: _ => false);
        return new(Keep(new PublishedEvent
        {
            Topic = route.Topic,
            Key = route.Key(@event.Payload),
            Id = stored.Id,
            Type = stored.Raw.Type,
            Time = stored.Time,
            Payload = _codec.Decode(stored, isRaw: false),
            Metadata = stored.Metadata,
        }));
    }

    /// <summary>Forgets the events published so far.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _published.Clear();
        }
    }

    private Position Keep(PublishedEvent published)
    {
        lock (_gate)
        {
            _published.Add(published);
            var end = _ends[published.Topic] = _ends.GetValueOrDefault(published.Topic) + 1;
            return Position.At($"{published.Topic}:0", end);
        }
    }
}
