using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers orders to consumer groups.</summary>
public static class KafkaControlBuilderExtensions
{
    /// <summary>
    /// Adds <see cref="IConsumerGroupControl"/>, and makes the consumer groups of this process say how they stand and carry out orders: rewind, pause, resume, skip. All instances of a group
    /// must be registered alike. A process without groups can look and give orders.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddConsumerGroupControl(this IMessagingPatternsBuilder builder, Action<KafkaControlOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services.AddKafka().Services;

        if (services.All(service => service.ServiceType != typeof(ControlTopic)))
        {
            services.AddBoundOptions<KafkaControlOptions, KafkaControlOptionsValidator>(KafkaControlOptions.Section, static (section, options) => section.Bind(options));
            services.AddSingleton<ControlTopic>();
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ControlTopic>());
            services.AddSingleton<LocalGroups>();
            services.TryAddSingleton<IConsumerGroupControl, KafkaConsumerGroupControl>();
        }

        services.Configure(configure ?? (_ => { }));
        return builder;
    }
}
