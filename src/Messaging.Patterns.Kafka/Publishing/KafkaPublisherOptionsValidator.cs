using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

internal sealed class KafkaPublisherOptionsValidator(RegisteredEventTypes types, IOptions<KafkaEventStoreOptions> eventStore) : IValidateOptions<KafkaPublisherOptions>
{
    private const string Routes = "Routes";

    public ValidateOptionsResult Validate(string? name, KafkaPublisherOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (options.Source is not null && (options.Source.Length == 0 || !Uri.TryCreate(options.Source, UriKind.RelativeOrAbsolute, out _)))
        {
            result.AddError($"must be a URI reference, but is '{options.Source}'.", nameof(options.Source));
        }

        if (!Enum.IsDefined(options.Provisioning))
        {
            result.AddError($"must be CreateOrVerify, Verify or None, but is {options.Provisioning}.", nameof(options.Provisioning));
        }

        foreach (var fault in FindFaults(options.GetRoutes()))
        {
            result.AddError(fault, Routes);
        }

        result.CheckTopics(options.GetRoutes().Select(route => route.Topic), Routes);
        return result.Build();
    }

    private IEnumerable<string> FindFaults(IReadOnlyList<Route> routes)
    {
        var (codec, eventTopics) = (types.Find(), FindEventTopics());

        foreach (var group in routes.GroupBy(route => route.EventType))
        {
            if (group.Count() > 1)
            {
                yield return $"'{group.Key}' has more than one route: {string.Join(", ", group.Select(one => $"'{one.Topic.Name}'"))}. Keep one.";
            }

            if (codec is not null && FindUnknown(codec, group.Key) is { } unknown)
            {
                yield return unknown;
            }
        }

        foreach (var route in routes.Where(route => eventTopics.Contains(route.Topic.Name)))
        {
            yield return $"'{route.EventType}' is routed to '{route.Topic.Name}', a topic of streams, which takes appends only. Name another topic.";
        }
    }

    private HashSet<string> FindEventTopics()
    {
        try
        {
            return eventStore.Value.Streams.Values.Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal);
        }
        catch (OptionsValidationException)
        {
            // The event store's own faults are listed by themselves.
            return [];
        }
    }

    private static string? FindUnknown(EventCodec codec, Type type)
    {
        try
        {
            codec.GetTypeName(type);
            return null;
        }
        catch (UnknownEventTypeException exception)
        {
            return exception.Message;
        }
    }
}
