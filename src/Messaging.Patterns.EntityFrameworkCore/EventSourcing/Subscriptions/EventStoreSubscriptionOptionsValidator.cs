using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

internal sealed class EventStoreSubscriptionOptionsValidator(EventCodec codec) : IValidateOptions<EventStoreSubscriptionOptions>
{
    public ValidateOptionsResult Validate(string? name, EventStoreSubscriptionOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (options.LeaseDuration < TimeSpan.FromSeconds(1) || options.LeaseDuration > TimeSpan.FromDays(1))
        {
            result.AddError($"must be from 1 second to 1 day, but is {options.LeaseDuration}.", nameof(options.LeaseDuration));
        }

        if (options.BatchSize < 1)
        {
            result.AddError($"must be at least 1, but is {options.BatchSize}.", nameof(options.BatchSize));
        }

        if (options.BatchTimeout < TimeSpan.Zero || options.BatchTimeout > TimeSpan.FromHours(1))
        {
            result.AddError($"must be from zero to 1 hour, but is {options.BatchTimeout}.", nameof(options.BatchTimeout));
        }

        if (options.RetryDelay <= TimeSpan.Zero || options.RetryDelay > options.MaxRetryDelay || options.MaxRetryDelay > TimeSpan.FromDays(1))
        {
            result.AddError($"must be positive and at most MaxRetryDelay, which is at most 1 day, but they are {options.RetryDelay} and {options.MaxRetryDelay}.", nameof(options.RetryDelay));
        }

        if (options.Handlers.IsEmpty)
        {
            result.AddError($"subscription '{name}' has no handler. Add one with Handle<TEvent, THandler>().");
        }

        foreach (var fault in options.Handlers.FindFaults(codec))
        {
            result.AddError($"subscription '{name}': {fault}");
        }

        return result.Build();
    }
}
