using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>Makes the health checks of a cluster with a name those of the application: <c>CLUSTER/CHECK</c>.</summary>
internal sealed class KafkaClusterHealth(string name, KafkaClusterServices services) : IConfigureOptions<HealthCheckServiceOptions>
{
    public void Configure(HealthCheckServiceOptions options)
    {
        foreach (var check in services.Provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations)
        {
            options.Registrations.Add(new HealthCheckRegistration($"{name}/{check.Name}", _ => check.Factory(services.Provider), check.FailureStatus, check.Tags, check.Timeout));
        }
    }
}
