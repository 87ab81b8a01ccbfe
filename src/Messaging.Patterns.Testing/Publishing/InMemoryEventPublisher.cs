using System.Collections.Frozen;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
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

        var route = Find(@event.Payload.GetType());
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

    /// <inheritdoc/>
    public ValueTask<Position> PublishTombstoneAsync<TEvent>(string key, CancellationToken cancellationToken = default)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        return new(Keep(new PublishedEvent
        {
            Topic = Find(typeof(TEvent)).Topic,
            Key = key,
            Id = Guid.CreateVersion7(now).ToString("N"),
            Type = Tombstone.TypeName,
            Time = now,
            Payload = Tombstone.Instance,
            Metadata = FrozenDictionary<string, string>.Empty,
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

    private InMemoryRoute Find(Type type) => _routes.TryGetValue(type, out var route)
        ? route
        : throw new UnknownEventTypeException(
            type.FullName!, $"Events of type '{type}' have no route. Give one to AddInMemoryEventPublisher: AddRoute<{type.Name}>(\"topic\", e => e.Key).");

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
