namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Options of a context's outbox. Bound from the configuration section <c>Messaging:Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = "Messaging:Outbox";

    private readonly List<EventCollector> _collectors = [];

    /// <summary>Gets or sets the CloudEvents source of the events, a URI reference.</summary>
    /// <value>The default is <c>/</c> and the application's name.</value>
    public string? Source { get; set; }

    /// <summary>Gets or sets whether the start of the host waits for the database and looks whether the tables are there and as they should be.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool VerifyTables { get; set; } = true;

    /// <summary>Gets or sets whether commits are told to relays in other processes, on PostgreSQL: by a notification on a connection of its own, after the commit.</summary>
    /// <value>The default is <see langword="true"/>. Without, other processes find them by polling.</value>
    public bool NotifyRelays { get; set; } = true;

    /// <summary>Gets or sets how many bytes the value of an event's record may have; a larger one is refused when it is added.</summary>
    /// <value>The default is 1,000,000: topics take 1,048,588 with all that is around, unless their <c>max.message.bytes</c> says otherwise. What a topic does not take is parked by the relay.</value>
    public int MaxEventBytes { get; set; } = 1_000_000;

    /// <summary>Takes along, with every <c>SaveChanges</c>, the events that tracked entities have collected.</summary>
    /// <typeparam name="TEntity">The class of the entities, or a base class or interface of theirs.</typeparam>
    /// <param name="find">Returns an entity's events; objects of types that have routes, or <see cref="Messaging.Patterns.EventSourcing.EventData"/>.</param>
    /// <param name="clear">Makes the entity forget them. Called when they have been added to the context, before they are saved: if that fails they stay in the context.</param>
    public OutboxOptions CollectEvents<TEntity>(Func<TEntity, IEnumerable<object>> find, Action<TEntity> clear)
        where TEntity : class
    {
        ArgumentNullException.ThrowIfNull(find);
        ArgumentNullException.ThrowIfNull(clear);
        _collectors.Add(entity => entity is TEntity one ? Take(one, find, clear) : []);
        return this;
    }

    // A method, since the binder takes every property for configuration.
    internal IReadOnlyList<EventCollector> GetCollectors() => _collectors;

    private static List<object> Take<TEntity>(TEntity entity, Func<TEntity, IEnumerable<object>> find, Action<TEntity> clear)
    {
        var events = find(entity).ToList();

        if (events.Count > 0)
        {
            clear(entity);
        }

        return events;
    }
}
