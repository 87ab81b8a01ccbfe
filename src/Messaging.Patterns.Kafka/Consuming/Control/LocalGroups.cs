using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>The consumer groups of this process. They are made when they are asked for, since they need the control topic themselves.</summary>
internal sealed class LocalGroups(IServiceProvider services, IEnumerable<ConsumerGroupName> names)
{
    /// <summary>Gets their names.</summary>
    public IEnumerable<string> Names => names.Select(name => name.Value);

    /// <summary>Returns a group, or <see langword="null"/> if it is not one of this process.</summary>
    public ConsumerGroup? Find(string group) => services.GetKeyedService<ConsumerGroup>(group);
}
