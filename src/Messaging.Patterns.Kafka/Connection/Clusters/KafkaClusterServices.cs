using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>The services of a cluster with a name, made when they are first asked for. What all clusters share they have from the application.</summary>
internal sealed class KafkaClusterServices(KafkaClusterBuilder builder, IServiceProvider application) : IAsyncDisposable
{
    private static readonly Type[] OfApplication = [typeof(IConfiguration), typeof(IHostEnvironment), typeof(ILoggerFactory), typeof(TimeProvider)];

    private readonly Lazy<ServiceProvider> _provider = new(() => Build(builder, application));

    public IServiceProvider Provider => _provider.Value;

    public ValueTask DisposeAsync() => _provider.IsValueCreated ? _provider.Value.DisposeAsync() : ValueTask.CompletedTask;

    private static ServiceProvider Build(KafkaClusterBuilder builder, IServiceProvider application)
    {
        IServiceCollection services = new ServiceCollection();

        foreach (var service in builder.Services)
        {
            services.Add(service);
        }

        // The last registration counts. As instances they are not disposed here.
        foreach (var type in OfApplication)
        {
            if (application.GetService(type) is { } service)
            {
                services.AddSingleton(type, service);
            }
        }

        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton(application.GetRequiredService<IOptions<EventTypeOptions>>());
        services.AddSingleton(_ => application.GetRequiredService<EventCodec>());
        services.AddSingleton(application.GetRequiredService<ProcessGroups>());
        services.AddSingleton(new KafkaClusterName(builder.Name, application));
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }
}
