using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>The event types, for validators of other options.</summary>
internal sealed class RegisteredEventTypes(IOptions<EventTypeOptions> options)
{
    /// <summary>Returns the registered event types, or <see langword="null"/> when they have faults of their own, which are listed by themselves.</summary>
    public EventCodec? Find()
    {
        try
        {
            return new EventCodec(options.Value);
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
