using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Testing.Publishing;

internal sealed class InMemoryEventPublisherOptionsValidator(EventCodec codec) : IValidateOptions<InMemoryEventPublisherOptions>
{
    public ValidateOptionsResult Validate(string? name, InMemoryEventPublisherOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        foreach (var group in options.Routes.GroupBy(route => route.EventType))
        {
            if (group.Count() > 1)
            {
                result.AddError($"'{group.Key}' has more than one route: {string.Join(", ", group.Select(route => $"'{route.Topic}'"))}. Keep one.", nameof(options.Routes));
            }

            if (FindUnknown(group.Key) is { } unknown)
            {
                result.AddError(unknown, nameof(options.Routes));
            }
        }

        return result.Build();
    }

    private string? FindUnknown(Type type)
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
