using Messaging.Patterns;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers publishing to Kafka.</summary>
public static class KafkaPublishingBuilderExtensions
{
    /// <summary>Adds <see cref="IEventPublisher"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddKafkaPublisher(this IMessagingPatternsBuilder builder, Action<KafkaPublisherOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;

        if (services.All(service => service.ServiceType != typeof(PublishedEventWriter)))
        {
            services.AddBoundOptions<KafkaPublisherOptions, KafkaPublisherOptionsValidator>(KafkaPublisherOptions.Section, static (section, options) => section.Bind(options));
        }

        services.Configure(configure ?? (_ => { }));
        services.TryAddSingleton<PublishedEventWriter>();
        services.TryAddSingleton<IEventPublisher, KafkaEventPublisher>();
        services.AddHostedService<RouteProvisioning>();
        return builder;
    }

    /// <summary>Says where published events of a type go.</summary>
    /// <typeparam name="TEvent">The event's type, a registered event type.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="key">Returns the key of an event: events of one key stay in order.</param>
    /// <param name="configure">Sets how the topic is created: partitions, replication, further settings.</param>
    public static IMessagingPatternsBuilder AddRoute<TEvent>(
        this IMessagingPatternsBuilder builder, string topic, Func<TEvent, string> key, Action<TopicSpecification>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);
        var specification = new TopicSpecification(topic);
        configure?.Invoke(specification);
        builder.Services.Configure<KafkaPublisherOptions>(options => options.AddRoute(new(typeof(TEvent), specification, payload => key((TEvent)payload))));
        return builder;
    }
}
