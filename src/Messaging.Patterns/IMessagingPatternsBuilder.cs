using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns;

/// <summary>What the packages extend: returned by every entry point, and by every method that adds to it.</summary>
public interface IMessagingPatternsBuilder
{
    /// <summary>Gets the services that are registered to.</summary>
    IServiceCollection Services { get; }
}
