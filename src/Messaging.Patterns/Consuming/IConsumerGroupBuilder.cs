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

    /// <summary>Says which events are handled one after another.</summary>
    /// <param name="order">The order.</param>
    void Ordered(ProcessingOrder order);

    /// <summary>Keeps the group's position in a store, from which it goes on, beside its commit.</summary>
    /// <param name="create">Returns the store, once.</param>
    void KeepPositionIn(Func<IServiceProvider, IPositionStore> create);
}
