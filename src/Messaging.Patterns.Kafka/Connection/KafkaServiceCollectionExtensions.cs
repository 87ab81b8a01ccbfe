using Messaging.Patterns;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Connection.Clusters;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Publishing.Transactions;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The entry point to Kafka for processes that want single roles.</summary>
public static class KafkaServiceCollectionExtensions
{
    /// <summary>Adds the connection to Kafka, and no role yet: no writer, reader, publisher or consumer group.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the connection; the configuration section <c>Messaging:Kafka</c> is bound before, where there is one.</param>
    /// <returns>The builder, to be extended.</returns>
    public static IMessagingPatternsBuilder AddKafka(this IServiceCollection services, Action<KafkaOptions>? configure = null)
    {
        var builder = services.AddMessagingPatterns();

        if (services.All(service => service.ServiceType != typeof(KafkaClients)))
        {
            services.AddBoundOptions<KafkaOptions, KafkaOptionsValidator>(KafkaOptions.Section, static (section, options) => section.Bind(options));
        }

        services.Configure(configure ?? (_ => { }));
        services.TryAddSingleton(CreateClients);
        services.TryAddSingleton<KafkaProducer>();
        services.TryAddSingleton<IRecordProducer, KafkaRecordProducer>();
        services.TryAddSingleton<TransactionTargets>();
        services.TryAddSingleton<TransactionNotes>();
        services.TryAddSingleton<IRecordTransactions, KafkaRecordTransactions>();
        services.TryAddSingleton<TopicProvisioner>();
        services.TryAddSingleton<RegisteredEventTypes>();
        services.TryAddSingleton<ProcessGroups>();
        services.AddRouteProvisioning();
        return builder;
    }

    /// <summary>Adds the connection to a cluster beside others, under a name, and no role yet. Called again with the name, it goes on with it.</summary>
    /// <remarks>
    /// What is registered with the builder is for this cluster: inject it with <c>[FromKeyedServices("NAME")]</c>. Event types, serializers and handlers are the
    /// application's, the same for all clusters. Options are bound from <c>Messaging:Kafka:Clusters:NAME</c> and the sections in it; files are in <c>data/NAME</c>;
    /// health checks are called <c>NAME/CHECK</c>. Only packages of Kafka register with it: its services are a container of their own.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The cluster's name in this application: letters, digits, hyphens and underscores.</param>
    /// <param name="configure">Sets the connection.</param>
    /// <returns>The builder, to be extended.</returns>
    /// <exception cref="ArgumentException">The name has other characters, or none.</exception>
    public static IMessagingPatternsBuilder AddKafka(this IServiceCollection services, string name, Action<KafkaOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);

        if (!name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw new ArgumentException($"'{name}' cannot name a cluster: expected letters, digits, hyphens and underscores.", nameof(name));
        }

        var builder = services.GetCluster(name);
        builder.Services.AddKafka(configure);
        return builder;
    }

    // Everything that uses options begins with the clients. Whoever asks for them first, maybe before the host validates: all faults of all options are told.
    private static KafkaClients CreateClients(IServiceProvider provider)
    {
        provider.GetService<IStartupValidator>()?.Validate();
        return new KafkaClients(provider.GetRequiredService<IOptions<KafkaOptions>>(), provider.GetRequiredService<ILogger<KafkaClients>>());
    }
}
