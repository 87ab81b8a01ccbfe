using Messaging.Patterns;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Testing.Publishing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the in-memory event publisher.</summary>
public static class InMemoryEventPublisherBuilderExtensions
{
    /// <summary>
    /// Adds a publisher that keeps what is published in memory, as <see cref="IEventPublisher"/>; get <see cref="InMemoryEventPublisher"/> from the services to look
    /// at it. Calling it again adds routes.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the routes.</param>
    public static IMessagingPatternsBuilder AddInMemoryEventPublisher(
        this IMessagingPatternsBuilder builder, Action<InMemoryEventPublisherOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<InMemoryEventPublisherOptions, InMemoryEventPublisherOptionsValidator>().Configure(configure ?? (_ => { }));
        services.TryAddSingleton<InMemoryEventPublisher>();
        services.TryAddSingleton<IEventPublisher>(provider => provider.GetRequiredService<InMemoryEventPublisher>());
        return builder;
    }
}
