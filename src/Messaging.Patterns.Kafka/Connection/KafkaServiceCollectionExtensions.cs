using Messaging.Patterns;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
            services.AddOptionsWithValidateOnStart<KafkaOptions, KafkaOptionsValidator>();
            services.AddSingleton<IConfigureOptions<KafkaOptions>>(provider => new BindSection(provider.GetService<IConfiguration>()));
        }

        services.Configure(configure ?? (_ => { }));
        services.TryAddSingleton<KafkaClients>();
        services.TryAddSingleton<KafkaProducer>();
        services.TryAddSingleton<TopicProvisioner>();
        return builder;
    }

    private sealed class BindSection(IConfiguration? configuration) : IConfigureOptions<KafkaOptions>
    {
        public void Configure(KafkaOptions options) => configuration?.GetSection(KafkaOptions.Section).Bind(options);
    }
}
