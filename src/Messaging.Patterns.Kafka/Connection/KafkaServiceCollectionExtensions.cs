using Messaging.Patterns;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Publishing;
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
        services.TryAddSingleton<TopicProvisioner>();
        services.TryAddSingleton<RegisteredEventTypes>();
        return builder;
    }

    // Everything that uses options begins with the clients. Whoever asks for them first, maybe before the host validates: all faults of all options are told.
    private static KafkaClients CreateClients(IServiceProvider provider)
    {
        provider.GetService<IStartupValidator>()?.Validate();
        return new KafkaClients(provider.GetRequiredService<IOptions<KafkaOptions>>(), provider.GetRequiredService<ILogger<KafkaClients>>());
    }
}
