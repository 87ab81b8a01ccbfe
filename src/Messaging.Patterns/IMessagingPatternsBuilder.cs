using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns;

/// <summary>What the packages extend: returned by every entry point, and by every method that adds to it.</summary>
public interface IMessagingPatternsBuilder
{
    /// <summary>Gets the services that are registered to.</summary>
    IServiceCollection Services { get; }

    /// <summary>Gets the services of the application, which all registrations of it share: event types, serializers, handlers.</summary>
    /// <value>The default is <see cref="Services"/>. They differ in a registration by name, such as of a second cluster, whose services are a container of its own.</value>
    IServiceCollection Application => Services;
}
