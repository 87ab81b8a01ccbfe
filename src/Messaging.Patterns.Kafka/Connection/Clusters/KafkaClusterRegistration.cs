using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>Registers clusters with names.</summary>
internal static class KafkaClusterRegistration
{
    // What the application finds under the cluster's name, where it was registered.
    private static readonly Type[] Contracts =
    [
        typeof(IEventStore), typeof(IEventReader), typeof(IEventWriter), typeof(IEventFeed), typeof(IEventPublisher), typeof(IRecordProducer), typeof(IRecordTransactions), typeof(IDeadLetters), typeof(IConsumerGroupControl),
    ];

    /// <summary>Returns the builder of a cluster, the same each time for a name.</summary>
    public static KafkaClusterBuilder GetCluster(this IServiceCollection application, string name)
    {
        if (application.Select(service => service.ImplementationInstance).OfType<KafkaClusterBuilder>().FirstOrDefault(known => known.Name == name) is { } known)
        {
            return known;
        }

        var builder = new KafkaClusterBuilder(name, application);
        AddShared(builder);
        application.AddKeyedSingleton(name, (provider, _) => new KafkaClusterServices(builder, provider));
        application.AddSingleton(builder);
        Array.ForEach(Contracts, contract => application.AddKeyedSingleton(contract, name, (provider, _) => Find(provider, name).Provider.GetService(contract)!));

        application.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KafkaClusterStart>, KafkaClusterStart.Validator>());
        application.AddOptions<KafkaClusterStart>(name).ValidateOnStart();
        application.AddSingleton<IHostedService>(provider => new KafkaClusterHost(Find(provider, name)));
        application.AddHealthChecks();
        application.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>>(provider => new KafkaClusterHealth(name, Find(provider, name)));
        return builder;
    }

    // A file is one cluster's alone; configuration and code may name another.
    private static void AddShared(KafkaClusterBuilder builder)
    {
        builder.Application.AddMessagingPatterns();
        builder.Application.TryAddSingleton<Consuming.ProcessGroups>();
        builder.Services.Configure<KafkaEventReaderOptions>(options => options.StorePath = Path.Combine("data", builder.Name, "event-store.db"));
    }

    private static KafkaClusterServices Find(IServiceProvider application, string name) => application.GetRequiredKeyedService<KafkaClusterServices>(name);
}
