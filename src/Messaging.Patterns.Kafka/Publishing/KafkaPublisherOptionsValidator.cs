using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

internal sealed class KafkaPublisherOptionsValidator(IOptions<EventRouteOptions> routes, IOptions<KafkaEventStoreOptions> eventStore) : IValidateOptions<KafkaPublisherOptions>
{
    private const string Routes = "Routes";

    public ValidateOptionsResult Validate(string? name, KafkaPublisherOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (PublishedEventWriter.FindFault(options.Source) is { } fault)
        {
            result.AddError(fault, nameof(options.Source));
        }

        if (!Enum.IsDefined(options.Provisioning))
        {
            result.AddError($"must be CreateOrVerify, Verify or None, but is {options.Provisioning}.", nameof(options.Provisioning));
        }

        CheckRoutes(result);
        result.CheckTopics(options.GetTopics(), Routes);
        return result.Build();
    }

    private void CheckRoutes(ValidateOptionsResultBuilder result)
    {
        var eventTopics = FindEventTopics();

        foreach (var (type, topic, _) in Find(routes, found => found.Routes) ?? [])
        {
            if (!TopicSpecification.IsValid(topic))
            {
                result.AddError($"'{type}' is routed to '{topic}', which cannot name a topic: expected 1 to 249 letters, digits, '.', '_' and '-'.", Routes);
            }

            if (eventTopics.Contains(topic))
            {
                result.AddError($"'{type}' is routed to '{topic}', a topic of streams, which takes appends only. Name another topic.", Routes);
            }
        }
    }

    private HashSet<string> FindEventTopics() =>
        Find(eventStore, found => found.Streams.Values.Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal)) ?? [];

    // Faults of other options are listed by themselves.
    private static TFound? Find<TOptions, TFound>(IOptions<TOptions> options, Func<TOptions, TFound> find)
        where TOptions : class
        where TFound : class
    {
        try
        {
            return find(options.Value);
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
