using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Messaging.Patterns;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers event types and what is done to old versions of them.</summary>
public static class EventTypeBuilderExtensions
{
    /// <summary>Registers every class with an <see cref="EventTypeAttribute"/> in an assembly.</summary>
    /// <typeparam name="TMarker">Any type of the assembly.</typeparam>
    /// <param name="builder">The builder.</param>
    [RequiresUnreferencedCode("Types found by scanning may have been trimmed away. Register each with AddEventType in a trimmed application.")]
    public static IMessagingPatternsBuilder AddEventTypes<TMarker>(this IMessagingPatternsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var types = typeof(TMarker).Assembly.GetTypes().Where(type => type.IsDefined(typeof(EventTypeAttribute), inherit: false)).ToList();
        return builder.Configure(options => types.ForEach(options.Types.Add));
    }

    /// <summary>Registers one event type.</summary>
    /// <typeparam name="TEvent">The type, with an <see cref="EventTypeAttribute"/>.</typeparam>
    /// <param name="builder">The builder.</param>
    public static IMessagingPatternsBuilder AddEventType<TEvent>(this IMessagingPatternsBuilder builder) =>
        builder.Configure(options => options.Types.Add(typeof(TEvent)));

    /// <summary>Registers an upcaster: from the JSON of an older event type to that of its successor.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="upcaster">The upcaster.</param>
    public static IMessagingPatternsBuilder AddUpcaster(this IMessagingPatternsBuilder builder, IEventUpcaster upcaster)
    {
        ArgumentNullException.ThrowIfNull(upcaster);
        return builder.Configure(options => options.Upcasters.Add(upcaster));
    }

    /// <summary>Registers an upcaster: from the JSON of an older event type to that of its successor.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="fromType">The older event type name.</param>
    /// <param name="toType">The event type name of the successor.</param>
    /// <param name="upcast">Returns the JSON of the successor. It must be pure.</param>
    public static IMessagingPatternsBuilder AddUpcaster(
        this IMessagingPatternsBuilder builder, string fromType, string toType, Func<JsonObject, JsonObject> upcast)
    {
        ArgumentException.ThrowIfNullOrEmpty(fromType);
        ArgumentException.ThrowIfNullOrEmpty(toType);
        ArgumentNullException.ThrowIfNull(upcast);
        return builder.AddUpcaster(new DelegateUpcaster(fromType, toType, upcast));
    }

    /// <summary>Registers an upcaster between two classes, which follows deserialization; both are registered as event types.</summary>
    /// <typeparam name="TOld">The older class, with the older event type name.</typeparam>
    /// <typeparam name="TNew">The class of the successor.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="upcast">Returns the successor. It must be pure.</param>
    public static IMessagingPatternsBuilder AddUpcaster<TOld, TNew>(this IMessagingPatternsBuilder builder, Func<TOld, TNew> upcast)
        where TOld : class
        where TNew : class
    {
        ArgumentNullException.ThrowIfNull(upcast);
        return builder.Configure(options =>
        {
            options.Types.Add(typeof(TOld));
            options.Types.Add(typeof(TNew));
            options.Conversions[typeof(TOld)] = new(typeof(TNew), old => upcast((TOld)old));
        });
    }

    /// <summary>Changes how payloads are written as JSON, or adds a source-generated context.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the options.</param>
    public static IMessagingPatternsBuilder ConfigureEventJson(this IMessagingPatternsBuilder builder, Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.Configure(options => configure(options.Json));
    }

    /// <summary>Replaces the serializer of payloads.</summary>
    /// <typeparam name="TSerializer">The serializer.</typeparam>
    /// <param name="builder">The builder.</param>
    public static IMessagingPatternsBuilder UseEventSerializer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSerializer>(
        this IMessagingPatternsBuilder builder)
        where TSerializer : class, IEventSerializer
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Application.AddSingleton<IEventSerializer, TSerializer>();
        return builder;
    }

    /// <summary>Adds a serializer beside the default one: it reads every payload of its <see cref="IEventSerializer.ContentType"/>, and writes those of the types that are named.</summary>
    /// <typeparam name="TSerializer">The serializer. Upcasters from JSON to JSON do not see what is not JSON.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="types">The types that it writes; none for one that only reads. A type has one serializer.</param>
    public static IMessagingPatternsBuilder AddEventSerializer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSerializer>(
        this IMessagingPatternsBuilder builder, params Type[] types)
        where TSerializer : class, IEventSerializer
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(types);
        builder.Application.TryAddSingleton<TSerializer>();
        builder.Application.AddSingleton(provider => new AddedEventSerializer(provider.GetRequiredService<TSerializer>(), types));
        return builder;
    }

    private static IMessagingPatternsBuilder Configure(this IMessagingPatternsBuilder builder, Action<EventTypeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Application.Configure(configure);
        return builder;
    }

    private sealed record DelegateUpcaster(string FromType, string ToType, Func<JsonObject, JsonObject> Convert) : IEventUpcaster
    {
        public JsonObject Upcast(JsonObject data) => Convert(data);
    }
}
