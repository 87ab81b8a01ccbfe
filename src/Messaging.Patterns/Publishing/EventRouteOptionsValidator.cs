using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Publishing;

internal sealed class EventRouteOptionsValidator(IOptions<EventTypeOptions> types) : IValidateOptions<EventRouteOptions>
{
    public ValidateOptionsResult Validate(string? name, EventRouteOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        var codec = FindCodec();

        foreach (var route in options.Routes.Where(route => !Enum.IsDefined(route.Mode)))
        {
            result.AddError($"'{route.EventType}' is routed to '{route.Topic}' in mode {route.Mode}, expected Structured or Binary.", nameof(options.Routes));
        }

        foreach (var group in options.Routes.GroupBy(route => route.EventType))
        {
            if (group.Count() > 1)
            {
                result.AddError($"'{group.Key}' has more than one route: {string.Join(", ", group.Select(one => $"'{one.Topic}'"))}. Keep one.", nameof(options.Routes));
            }

            if (codec is not null && FindUnknown(codec, group.Key) is { } unknown)
            {
                result.AddError(unknown, nameof(options.Routes));
            }
        }

        return result.Build();
    }

    private EventCodec? FindCodec()
    {
        try
        {
            return new EventCodec(types.Value);
        }
        catch (OptionsValidationException)
        {
            // The event types' own faults are listed by themselves.
            return null;
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
