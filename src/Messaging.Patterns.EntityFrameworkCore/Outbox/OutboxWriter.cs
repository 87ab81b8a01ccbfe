using System.Collections.Frozen;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Diagnostics;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Makes rows of events and adds them to contexts.</summary>
internal sealed class OutboxWriter
{
    private readonly FrozenDictionary<Type, EventRoute> _routes;
    private readonly IReadOnlyList<EventCollector> _collectors;
    private readonly PublishedEventWriter _writer;
    private readonly TimeProvider _time;
    private readonly int _maxEventBytes;

    public OutboxWriter(EventCodec codec, TimeProvider time, IOptions<EventRouteOptions> routes, OutboxOptions options, IHostEnvironment? environment = null)
    {
        _routes = routes.Value.Routes.ToFrozenDictionary(route => route.EventType);
        _collectors = options.GetCollectors();
        _writer = new(codec, time, options.Source ?? PublishedEventWriter.DefaultSource(environment?.ApplicationName));
        _time = time;
        _maxEventBytes = options.MaxEventBytes;
    }

    public void Add(DbContext context, EventData data, OutboxEventOptions? options)
    {
        var route = EventRouteOptions.Find(_routes, data.Payload);
        var key = options?.Key ?? route.Key(data.Payload)
            ?? throw new ArgumentException($"The route of '{data.Payload.GetType()}' to '{route.Topic}' gave no key for this event. Events without an order of their own need a key of their own.", nameof(data));
        var binary = route.Mode == CloudEventMode.Binary ? _writer.WriteBinary(data) : null;
        var value = binary?.Value ?? _writer.Write(data);

        if (value.Length > _maxEventBytes)
        {
            throw new OutboxEventTooLargeException(data.Payload.GetType(), route.Topic, value.Length, _maxEventBytes);
        }

        var message = new Message(
            KeyBucket.Of(key), route.Topic, key, value, OutboxHeaders.Write(options?.Headers, binary?.Headers), CallerTrace.Current?.Id, _time.GetUtcNow().UtcDateTime);
        context.Add(options?.NotBefore is { } notBefore ? message.ToDelayedRow(notBefore) : message.ToRow());
    }

    public void AddTombstone(DbContext context, Type eventType, string key) => context.Add(new Message(
        KeyBucket.Of(key), EventRouteOptions.Find(_routes, eventType).Topic, key, null, null, CallerTrace.Current?.Id, _time.GetUtcNow().UtcDateTime).ToRow());

    /// <summary>Adds the events that tracked entities have collected, in the order in which the context has come to know the entities.</summary>
    public void AddCollected(DbContext context)
    {
        if (_collectors.Count == 0)
        {
            return;
        }

        // All are taken before one is added, which changes what is tracked.
        List<object> events = [.. context.ChangeTracker.Entries().SelectMany(entry => _collectors.SelectMany(collect => collect(entry.Entity)))];
        events.ForEach(one => Add(context, one as EventData ?? new EventData(one), options: null));
    }

    private sealed record Message(int Bucket, string Topic, string Key, byte[]? Value, string? Headers, string? TraceParent, DateTime CreatedAt)
    {
        public OutboxRow ToRow() => new()
        {
            Bucket = Bucket,
            Topic = Topic,
            Key = Key,
            Value = Value,
            Headers = Headers,
            TraceParent = TraceParent,
            CreatedAt = CreatedAt,
        };

        public DelayedOutboxRow ToDelayedRow(DateTimeOffset notBefore) => new()
        {
            NotBefore = notBefore.UtcDateTime,
            Bucket = Bucket,
            Topic = Topic,
            Key = Key,
            Value = Value,
            Headers = Headers,
            TraceParent = TraceParent,
            CreatedAt = CreatedAt,
        };
    }
}
