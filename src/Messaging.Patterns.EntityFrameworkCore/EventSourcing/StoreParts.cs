using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>What the stores of one context type share.</summary>
/// <param name="database">The database.</param>
/// <param name="codec">Serializes events.</param>
/// <param name="options">The options.</param>
/// <param name="time">The clock.</param>
/// <param name="projections">What handles events in the transactions of their appends.</param>
internal sealed class StoreParts(EventDatabase database, EventCodec codec, EventStoreOptions options, TimeProvider time, IEnumerable<InlineProjection> projections)
{
    private EventSql? _sql;

    public EventDatabase Database { get; } = database;

    public StoredEventCodec Codec { get; } = new(codec, time);

    public EventStoreOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    public IReadOnlyList<InlineProjection> Projections { get; } = [.. projections];

    public AppendSignal Appended { get; } = new();

    /// <summary>Returns the statements, which depend on the model of the context alone.</summary>
    public EventSql SqlOf(DbContext context) => _sql ??= new EventSql(context);
}
