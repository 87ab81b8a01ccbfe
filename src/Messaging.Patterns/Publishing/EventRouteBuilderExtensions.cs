using Messaging.Patterns;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Publishing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers routes.</summary>
public static class EventRouteBuilderExtensions
{
    /// <summary>Says where events of a type go, whether they are published or go through an outbox.</summary>
    /// <typeparam name="TEvent">The event's type, a registered event type.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="key">Returns the key of an event: events of one key stay in order.</param>
    /// <param name="mode">How the events are laid into records.</param>
    public static IMessagingPatternsBuilder AddRoute<TEvent>(
        this IMessagingPatternsBuilder builder, string topic, Func<TEvent, string> key, CloudEventMode mode = CloudEventMode.Structured)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(key);
        builder.Services.AddOptionsWithValidateOnStart<EventRouteOptions, EventRouteOptionsValidator>()
            .Configure(options => options.Routes.Add(new(typeof(TEvent), topic, payload => key((TEvent)payload)) { Mode = mode }));
        return builder;
    }
}
