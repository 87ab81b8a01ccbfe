using Messaging.Patterns;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

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
        builder.Services.AddRouteProvisioning();
        builder.Services.Configure(configure ?? (_ => { }));
        builder.Services.TryAddSingleton<IEventPublisher>(Create);
        return builder;
    }

    /// <summary>Says where events of a type go, whether they are published or go through an outbox, and how the topic is created.</summary>
    /// <typeparam name="TEvent">The event's type, a registered event type.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="key">Returns the key of an event: events of one key stay in order.</param>
    /// <param name="configure">Sets how the topic is created: partitions, replication, further settings.</param>
    /// <param name="mode">How the events are laid into records.</param>
    public static IMessagingPatternsBuilder AddRoute<TEvent>(
        this IMessagingPatternsBuilder builder, string topic, Func<TEvent, string> key, Action<TopicSpecification> configure, CloudEventMode mode = CloudEventMode.Structured)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var specification = new TopicSpecification(topic);
        configure(specification);
        builder.Services.Configure<KafkaPublisherOptions>(options => options.AddTopic(specification));
        return builder.AddRoute(topic, key, mode);
    }

    /// <summary>Lets the topics of routes be created or verified, also where events take them through an outbox only.</summary>
    internal static void AddRouteProvisioning(this IServiceCollection services)
    {
        if (services.All(service => service.ServiceType != typeof(IValidateOptions<KafkaPublisherOptions>)))
        {
            services.AddBoundOptions<KafkaPublisherOptions, KafkaPublisherOptionsValidator>(KafkaPublisherOptions.Section, static (section, options) => section.Bind(options));
            services.AddOptions<EventRouteOptions>();
            services.AddHostedService<RouteProvisioning>();
        }
    }

    private static KafkaEventPublisher Create(IServiceProvider services)
    {
        var source = services.GetRequiredService<IOptions<KafkaPublisherOptions>>().Value.Source
            ?? PublishedEventWriter.DefaultSource(services.GetService<IHostEnvironment>()?.ApplicationName);
        var writer = new PublishedEventWriter(services.GetRequiredService<EventCodec>(), services.GetRequiredService<TimeProvider>(), source);
        return ActivatorUtilities.CreateInstance<KafkaEventPublisher>(services, writer);
    }
}
