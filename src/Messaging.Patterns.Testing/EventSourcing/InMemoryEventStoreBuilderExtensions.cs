using Messaging.Patterns;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Testing.EventSourcing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the in-memory event store.</summary>
public static class InMemoryEventStoreBuilderExtensions
{
    /// <summary>
    /// Adds an event store in the memory of this process as <see cref="IEventStore"/>, <see cref="IEventReader"/>, <see cref="IEventWriter"/> and
    /// <see cref="IEventFeed"/>. Calling it again changes nothing but the options.
    /// </summary>
    /// <remarks>
    /// It passes the same contract suites as the store on Kafka, and serializes events as that one does. Unlike there, streams of every category are
    /// accepted, an append is never too large, and no outcome is ever unknown.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddInMemoryEventStore(this IMessagingPatternsBuilder builder, Action<InMemoryEventStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<InMemoryEventStoreOptions, InMemoryEventStoreOptionsValidator>().Configure(configure ?? (_ => { }));
        services.TryAddSingleton<InMemoryEventStore>();
        services.TryAddSingleton<IEventStore>(provider => provider.GetRequiredService<InMemoryEventStore>());
        services.TryAddSingleton<IEventReader>(provider => provider.GetRequiredService<InMemoryEventStore>());
        services.TryAddSingleton<IEventWriter>(provider => provider.GetRequiredService<InMemoryEventStore>());
        services.TryAddSingleton<IEventFeed>(provider => provider.GetRequiredService<InMemoryEventStore>());
        return builder;
    }
}
