using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>The name of the cluster to which a container of services belongs, where it has one, and the provider of the application.</summary>
/// <param name="Value">The name.</param>
/// <param name="Application">The services of the application.</param>
internal sealed record KafkaClusterName(string Value, IServiceProvider Application)
{
    /// <summary>Returns where in the configuration the options of a cluster stand.</summary>
    /// <param name="section">Where those of the cluster without a name stand.</param>
    public string SectionOf(string section) => $"{KafkaOptions.Section}:Clusters:{Value}{section[KafkaOptions.Section.Length..]}";

    /// <summary>Returns the services of the application: of a cluster without a name, its own.</summary>
    public static IServiceProvider ApplicationOf(IServiceProvider provider) => provider.GetService<KafkaClusterName>()?.Application ?? provider;
}
