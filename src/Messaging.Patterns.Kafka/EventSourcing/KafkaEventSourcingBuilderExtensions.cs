using Messaging.Patterns;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Memory;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the event store on Kafka, each role by itself.</summary>
public static class KafkaEventSourcingBuilderExtensions
{
    private const string Category = "Messaging.Patterns.Kafka.EventSourcing";

    /// <summary>
    /// Adds Kafka as the event store: <see cref="IEventStore"/>, <see cref="IEventFeed"/> and the publisher, with options from the configuration section
    /// <c>Messaging:Kafka</c> where there is one.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the connection.</param>
    /// <returns>The builder, to be extended.</returns>
    public static IMessagingPatternsBuilder AddKafkaEventSourcing(this IServiceCollection services, Action<KafkaOptions>? configure = null) =>
        services.AddKafka(configure).AddKafkaEventWriter().AddKafkaEventReader().AddKafkaPublisher();

    /// <summary>Adds a cluster beside others, under a name, with event store, feed and publisher: see <see cref="KafkaServiceCollectionExtensions.AddKafka(IServiceCollection, string, Action{KafkaOptions}?)"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The cluster's name in this application: letters, digits, hyphens and underscores.</param>
    /// <param name="configure">Sets the connection.</param>
    /// <returns>The builder, to be extended.</returns>
    /// <exception cref="ArgumentException">The name has other characters, or none.</exception>
    public static IMessagingPatternsBuilder AddKafkaEventSourcing(this IServiceCollection services, string name, Action<KafkaOptions>? configure = null) =>
        services.AddKafka(name, configure).AddKafkaEventWriter().AddKafkaEventReader().AddKafkaPublisher();

    /// <summary>Says in which topic the streams of a category live. Several categories may share one.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="category">The category, such as <c>account</c> for stream <c>account-42</c>.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="configure">Sets how the topic is created: partitions, replication, further settings.</param>
    public static IMessagingPatternsBuilder AddStreams(
        this IMessagingPatternsBuilder builder, string category, string topic, Action<TopicSpecification>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(category);
        var specification = new TopicSpecification(topic);
        configure?.Invoke(specification);
        builder.Services.Configure<KafkaEventStoreOptions>(options => options.AddStreams(category, specification));
        return builder;
    }

    /// <summary>Adds <see cref="IEventWriter"/>: appends to the event store, with stream versions in memory and no event storage of its own.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddKafkaEventWriter(this IMessagingPatternsBuilder builder, Action<KafkaEventWriterOptions>? configure = null)
    {
        AddEventLog(builder);
        var services = builder.Services;
        services.Configure(configure ?? (_ => { }));
        services.TryAddSingleton<WriterRole>();
        services.TryAddSingleton<IEventWriter, KafkaEventWriter>();
        return AddStoreOfBoth(builder);
    }

    /// <summary>Adds <see cref="IEventReader"/> and <see cref="IEventFeed"/>: reads from a store of this process, kept up to date from Kafka.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddKafkaEventReader(this IMessagingPatternsBuilder builder, Action<KafkaEventReaderOptions>? configure = null)
    {
        AddEventLog(builder);
        var services = builder.Services;
        services.Configure(configure ?? (_ => { }));
        services.TryAddSingleton<ReaderRole>();
        services.TryAddSingleton<FrameEvents>();
        services.TryAddSingleton<KafkaEventReader>();
        services.TryAddSingleton<IEventReader>(provider => provider.GetRequiredService<KafkaEventReader>());
        services.TryAddSingleton<IEventFeed>(provider => provider.GetRequiredService<KafkaEventReader>());
        return AddStoreOfBoth(builder);
    }

    // A container that is validated refuses a store of which one half is missing, so a process with one role has none.
    private static IMessagingPatternsBuilder AddStoreOfBoth(IMessagingPatternsBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(WriterRole)) && builder.Services.Any(service => service.ServiceType == typeof(ReaderRole)))
        {
            builder.Services.TryAddSingleton<IEventStore, KafkaEventStore>();
        }

        return builder;
    }

    private static void AddEventLog(IMessagingPatternsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;

        if (services.Any(service => service.ServiceType == typeof(EventLog)))
        {
            return;
        }

        services.AddBoundOptions<KafkaEventStoreOptions, KafkaEventStoreOptionsValidator>(KafkaEventStoreOptions.Section, static (section, options) => section.Bind(options));
        services.AddBoundOptions<KafkaEventWriterOptions, KafkaEventWriterOptionsValidator>(KafkaEventWriterOptions.Section, static (section, options) => section.Bind(options));
        services.AddBoundOptions<KafkaEventReaderOptions, KafkaEventReaderOptionsValidator>(KafkaEventReaderOptions.Section, static (section, options) => section.Bind(options));
        services.TryAddSingleton<EventLogMetrics>();
        services.TryAddSingleton(CreateFrameWriter);
        services.TryAddSingleton(CreateEventLog);
        services.AddHostedService<EventLogHost>();
        services.AddHealthChecks().AddCheck<EventStoreHealthCheck>("kafka-event-store");
    }

    private static EventLog CreateEventLog(IServiceProvider provider)
    {
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger(Category);
        var isReader = provider.GetService<ReaderRole>() is not null;
        var isWriter = provider.GetService<WriterRole>() is not null;
        var root = provider.GetService<IHostEnvironment>()?.ContentRootPath ?? Environment.CurrentDirectory;
        var clients = provider.GetRequiredService<KafkaClients>();
        var options = provider.GetRequiredService<IOptions<KafkaEventStoreOptions>>().Value;
        var context = new LogTopicContext(
            clients,
            options,
            provider.GetRequiredService<KafkaProducer>(),
            isWriter,
            provider.GetRequiredService<IFrameWriter>(),
            provider.GetRequiredService<IOptions<KafkaEventWriterOptions>>().Value.WriteContentTypeHeader,
            isReader ? CreateStore(provider.GetRequiredService<IOptions<KafkaEventReaderOptions>>().Value, options.AppendIdWindow, root, logger) : null,
            isReader ? null : CreateCheckpoint(provider.GetRequiredService<IOptions<KafkaEventWriterOptions>>().Value, root, logger),
            provider.GetRequiredService<EventLogMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            logger);
        return new EventLog(provider.GetRequiredService<TopicProvisioner>(), context);
    }

    private static IFrameWriter CreateFrameWriter(IServiceProvider provider)
    {
        var (codec, time) = (provider.GetRequiredService<EventCodec>(), provider.GetRequiredService<TimeProvider>());
        return provider.GetRequiredService<IOptions<KafkaEventWriterOptions>>().Value.Layout == LogLayout.Binary
            ? new BinaryFrameWriter(codec, time)
            : new CloudEventsFrameWriter(codec, time);
    }

    private static IStreamStore CreateStore(KafkaEventReaderOptions options, int windowSize, string root, ILogger logger) =>
        options.InMemory ? new MemoryStreamStore() : new SqliteStreamStore(Path.Combine(root, options.StorePath), windowSize, logger);

    private static VersionCheckpoint? CreateCheckpoint(KafkaEventWriterOptions options, string root, ILogger logger) =>
        options.CheckpointPath is null ? null : new VersionCheckpoint(Path.Combine(root, options.CheckpointPath), logger);

    private sealed class WriterRole;

    private sealed class ReaderRole;
}
