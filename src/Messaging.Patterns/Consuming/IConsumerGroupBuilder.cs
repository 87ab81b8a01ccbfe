using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Consuming;

/// <summary>What packages that know no broker extend: a consumer group that is being registered.</summary>
public interface IConsumerGroupBuilder
{
    /// <summary>Gets the group's name.</summary>
    string Name { get; }

    /// <summary>Gets the services that are registered to.</summary>
    IServiceCollection Services { get; }

    /// <summary>Changes the group's handlers.</summary>
    /// <param name="configure">Changes them.</param>
    void ConfigureHandlers(Action<EventHandlers> configure);
}
