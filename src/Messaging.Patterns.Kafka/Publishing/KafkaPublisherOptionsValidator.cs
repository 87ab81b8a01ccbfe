using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

internal sealed class KafkaPublisherOptionsValidator(EventCodec codec) : IValidateOptions<KafkaPublisherOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaPublisherOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (options.Source is not null && !Uri.TryCreate(options.Source, UriKind.RelativeOrAbsolute, out _))
        {
            result.AddError($"must be a URI reference, but is '{options.Source}'.", nameof(options.Source));
        }

        foreach (var route in options.Routes.GroupBy(route => route.EventType).Where(group => group.Count() > 1))
        {
            result.AddError($"'{route.Key}' has more than one route: {string.Join(", ", route.Select(one => $"'{one.Topic.Name}'"))}. Keep one.", nameof(options.Routes));
        }

        foreach (var route in options.Routes.DistinctBy(route => route.EventType))
        {
            try
            {
                codec.GetTypeName(route.EventType);
            }
            catch (UnknownEventTypeException exception)
            {
                result.AddError(exception.Message, nameof(options.Routes));
            }
        }

        return result.Build();
    }
}
