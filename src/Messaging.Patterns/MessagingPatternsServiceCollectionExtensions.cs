using Messaging.Patterns;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The entry point of the engine.</summary>
public static class MessagingPatternsServiceCollectionExtensions
{
    /// <summary>Adds event types and serialization, without any broker or database. Entry points of other packages call it; calling it again changes nothing.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The builder, to be extended.</returns>
    public static IMessagingPatternsBuilder AddMessagingPatterns(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<EventTypeOptions, EventTypeOptionsValidator>();
        services.TryAddSingleton<IEventSerializer>(provider =>
            new SystemTextJsonEventSerializer(provider.GetRequiredService<IOptions<EventTypeOptions>>().Value.Json));
        services.TryAddSingleton(provider => new EventCodec(
            provider.GetRequiredService<IOptions<EventTypeOptions>>().Value, provider.GetRequiredService<IEventSerializer>(), provider.GetServices<AddedEventSerializer>()));
        return new MessagingPatternsBuilder(services);
    }

    private sealed class MessagingPatternsBuilder(IServiceCollection services) : IMessagingPatternsBuilder
    {
        public IServiceCollection Services { get; } = services;
    }
}
