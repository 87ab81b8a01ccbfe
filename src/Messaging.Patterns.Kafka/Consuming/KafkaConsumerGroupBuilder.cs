using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Says what a consumer group reads, and who handles it.</summary>
public sealed class KafkaConsumerGroupBuilder : IConsumerGroupBuilder
{
    private readonly IServiceCollection _services;
    private readonly IServiceCollection _application;

    internal KafkaConsumerGroupBuilder(IServiceCollection services, IServiceCollection application, string name) => (_services, _application, Name) = (services, application, name);

    /// <summary>Gets the group's name, Kafka's <c>group.id</c>.</summary>
    public string Name { get; }

    IServiceCollection IConsumerGroupBuilder.Services => _application;

    /// <summary>Adds topics to read: of streams or of published events.</summary>
    /// <param name="topics">The topics' names.</param>
    public KafkaConsumerGroupBuilder From(params string[] topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        return Configure(options => Array.ForEach(topics, options.Topics.Add));
    }

    /// <summary>Adds all topics whose names match a pattern, also those that come while the group runs: see <see cref="KafkaConsumerGroupOptions.Patterns"/>.</summary>
    /// <param name="patterns">The patterns, such as <c>^orders\..*</c>.</param>
    public KafkaConsumerGroupBuilder FromPattern(params string[] patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        return Configure(options => Array.ForEach(patterns, options.Patterns.Add));
    }

    /// <summary>Adds a handler, which each event gets from a DI scope of its own. It is registered as scoped, unless it is registered already.</summary>
    /// <typeparam name="TEvent">The type of the events: a registered event type, <see cref="RawEvent"/> for all that no other handler takes, <see cref="Tombstone"/>, or <see cref="RawRecord"/>.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    public KafkaConsumerGroupBuilder Handle<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventHandler<TEvent>
    {
        _application.TryAddScoped<THandler>();
        return Configure(options => options.Handlers.Add<TEvent, THandler>());
    }

    /// <summary>Adds a function as handler.</summary>
    /// <typeparam name="TEvent">The type of the events: a registered event type, <see cref="RawEvent"/> for all that no other handler takes, <see cref="Tombstone"/>, or <see cref="RawRecord"/>.</typeparam>
    /// <param name="handle">Handles an event; the rules of <see cref="IEventHandler{TEvent}"/> hold.</param>
    public KafkaConsumerGroupBuilder Handle<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handle)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Configure(options => options.Handlers.Add(handle));
    }

    /// <summary>Adds a handler of several events at a time, which each batch gets from a DI scope of its own. It is registered as scoped, unless it is registered already.</summary>
    /// <typeparam name="TEvent">The type of the events, as for <see cref="Handle{TEvent, THandler}"/>. Events of other types between them divide a batch.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    public KafkaConsumerGroupBuilder HandleBatch<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventBatchHandler<TEvent>
    {
        _application.TryAddScoped<THandler>();
        return Configure(options => options.Handlers.AddBatch<TEvent, THandler>());
    }

    /// <summary>Adds a function as handler of several events at a time.</summary>
    /// <typeparam name="TEvent">The type of the events, as for <see cref="Handle{TEvent, THandler}"/>. Events of other types between them divide a batch.</typeparam>
    /// <param name="handle">Handles events; the rules of <see cref="IEventBatchHandler{TEvent}"/> hold.</param>
    public KafkaConsumerGroupBuilder HandleBatch<TEvent>(Func<IReadOnlyList<EventEnvelope<TEvent>>, CancellationToken, ValueTask> handle)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handle);
        return Configure(options => options.Handlers.AddBatch(handle));
    }

    /// <summary>Says which events are handled one after another.</summary>
    /// <param name="order">The order.</param>
    public KafkaConsumerGroupBuilder Ordered(ProcessingOrder order) => Configure(options => options.Ordering = order);

    /// <summary>Says what happens to an event that no handler of the group takes.</summary>
    /// <param name="policy">The policy.</param>
    public KafkaConsumerGroupBuilder OnUnhandled(UnhandledEventPolicy policy) => Configure(options => options.OnUnhandled = policy);

    /// <summary>Adds a middleware around the handlers, inside of those added before. It is registered as scoped, unless it is registered already.</summary>
    /// <typeparam name="TMiddleware">The middleware.</typeparam>
    public KafkaConsumerGroupBuilder Use<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>()
        where TMiddleware : class, IEventMiddleware
    {
        _application.TryAddScoped<TMiddleware>();
        return Configure(options => options.Handlers.Use<TMiddleware>());
    }

    /// <summary>Adds a function as middleware around the handlers, inside of those added before.</summary>
    /// <param name="middleware">The function; the rules of <see cref="IEventMiddleware"/> hold.</param>
    public KafkaConsumerGroupBuilder Use(Func<HandlerCall, Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Configure(options => options.Handlers.Use(middleware));
    }

    /// <summary>Says what happens when an event cannot be handled.</summary>
    /// <param name="configure">Sets it.</param>
    public KafkaConsumerGroupBuilder OnFailure(Action<FailurePolicy> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(options => configure(options.Failures));
    }

    /// <summary>Keeps the group's position in the storage of its projection, so that data and position change together. Events are then handled in the order of their partition.</summary>
    /// <remarks>Needs <c>AddConsumerGroupControl</c>. The group's commit follows, so that Kafka's tools show how far it is.</remarks>
    /// <typeparam name="TStore">The store, a singleton that you register.</typeparam>
    public KafkaConsumerGroupBuilder KeepPositionIn<TStore>()
        where TStore : class, IPositionStore
    {
        KeepPositionIn(static provider => provider.GetRequiredService<TStore>());
        return Configure(options => options.Ordering = ProcessingOrder.PerPartition);
    }

    /// <summary>Sets settings of the group's consumer. What breaks a guarantee is refused at the start.</summary>
    /// <param name="configure">Sets them, after those of <see cref="KafkaOptions"/>.</param>
    public KafkaConsumerGroupBuilder ConfigureConsumer(Action<ConsumerConfig> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Configure(options => options.ConsumerConfig += configure);
    }

    /// <summary>Sets further options.</summary>
    /// <param name="configure">Sets them.</param>
    public KafkaConsumerGroupBuilder Configure(Action<KafkaConsumerGroupOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _services.Configure(Name, configure);
        return this;
    }

    void IConsumerGroupBuilder.ConfigureHandlers(Action<EventHandlers> configure) => Configure(options => configure(options.Handlers));

    void IConsumerGroupBuilder.Ordered(ProcessingOrder order) => Ordered(order);

    void IConsumerGroupBuilder.KeepPositionIn(Func<IServiceProvider, IPositionStore> create) => KeepPositionIn(create);

    private void KeepPositionIn(Func<IServiceProvider, IPositionStore> create) => _application.AddKeyedSingleton(Name, (provider, _) => create(provider));
}
