using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Connection.Clusters;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers listening to Kafka.</summary>
public static class KafkaConsumingBuilderExtensions
{
    /// <summary>
    /// Adds a consumer group: this process handles its share of the events of some topics, at least once, in order per key unless told otherwise, different keys at once.
    /// A group without a commit starts at the beginning. An event that fails holds up its key, is tried again, and stops its partition unless the policy says otherwise; health check and log name it, and nothing is skipped.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The group's name, Kafka's <c>group.id</c>; each group is added once.</param>
    /// <param name="configure">Says what the group reads, and who handles it.</param>
    public static IMessagingPatternsBuilder AddConsumerGroup(this IMessagingPatternsBuilder builder, string name, Action<KafkaConsumerGroupBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services.AddKafka().Services;
        var isKnown = services.Any(service => service.ImplementationInstance is ConsumerGroupName known && known.Value == name);
        services.AddSingleton(new ConsumerGroupName(name));
        builder.Application.AddSingleton(new ProcessGroup(name, (builder as KafkaClusterBuilder)?.Name));

        // Added again, it only becomes a fault that the start reports beside all others.
        if (!isKnown)
        {
            AddServices(services, name);
        }

        configure(new KafkaConsumerGroupBuilder(services, builder.Application, name));
        return builder;
    }

    /// <summary>Adds <see cref="IDeadLetters"/> to a process that has no consumer group itself, such as a tool. Consumer groups add it by themselves.</summary>
    /// <param name="builder">The builder.</param>
    public static IMessagingPatternsBuilder AddDeadLetters(this IMessagingPatternsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKafka().Services.AddDeadLetters();
        return builder;
    }

    private static void AddDeadLetters(this IServiceCollection services) => services.TryAddSingleton<IDeadLetters, KafkaDeadLetters>();

    private static void AddServices(IServiceCollection services, string name)
    {
        services.AddBoundOptions<KafkaConsumerGroupOptions, KafkaConsumerGroupOptionsValidator>(
            $"{KafkaConsumerGroupOptions.Section}:{name}", static (section, options) => section.Bind(options), name);
        services.TryAddSingleton(CreateContext);
        services.AddDeadLetters();
        services.AddKeyedSingleton(name, (provider, _) => CreateGroup(provider, name));
        services.AddSingleton<IHostedService>(provider => CreateHost(provider, name));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"kafka-consumer-group-{name}", provider => new ConsumerGroupHealthCheck(provider.GetRequiredKeyedService<ConsumerGroup>(name)), failureStatus: null, tags: null));
    }

    // Handlers and what they need are the application's.
    private static ConsumerGroupContext CreateContext(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<ConsumerGroupContext>(provider, KafkaClusterName.ApplicationOf(provider).GetRequiredService<IServiceScopeFactory>());

    private static ConsumerGroupHost CreateHost(IServiceProvider provider, string name)
    {
        var group = provider.GetRequiredKeyedService<ConsumerGroup>(name);
        return new(group, new GroupReload(group, provider.GetRequiredService<IOptionsFactory<KafkaConsumerGroupOptions>>(), provider.GetService<IConfiguration>()));
    }

    // The context first: with the clients it begins with the validation of all options.
    private static ConsumerGroup CreateGroup(IServiceProvider provider, string name)
    {
        var context = provider.GetRequiredService<ConsumerGroupContext>();
        var options = provider.GetRequiredService<IOptionsMonitor<KafkaConsumerGroupOptions>>().Get(name);
        return new ConsumerGroup(name, options, context) { Positions = FindPositions(provider, name, isAlone: options.Handlers.NeedPartitionOrder, context) };
    }

    // One that follows the commit of a group which cannot be rewound is nothing that it could not go on without.
    private static IPositionStore? FindPositions(IServiceProvider provider, string name, bool isAlone, ConsumerGroupContext context)
    {
        var stores = KafkaClusterName.ApplicationOf(provider).GetKeyedServices<IPositionStore>(name).ToList();

        if (stores.Count > 1)
        {
            throw new MessagingException(
                $"Consumer group '{name}' keeps its position in one place, but {stores.Count} are registered: {string.Join(", ", stores.Select(store => $"'{store.GetType()}'"))}. Remove all but one of KeepPositionIn, WithInbox and WithInboxPosition.");
        }

        return stores.FirstOrDefault() is { } positions && context.Control is null && (isAlone || positions is not IFollowingPositionStore)
            ? throw new MessagingException($"Consumer group '{name}' keeps its position in '{positions.GetType()}', whose epochs need the control topic. Add AddConsumerGroupControl().")
            : stores.FirstOrDefault();
    }
}
