using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

internal sealed class EventStoreOptionsValidator : IValidateOptions<EventStoreOptions>
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    public ValidateOptionsResult Validate(string? name, EventStoreOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(result, options.AppendTimeout, nameof(options.AppendTimeout));
        Check(result, options.ReadTimeout, nameof(options.ReadTimeout));
        Check(result, options.PollInterval, nameof(options.PollInterval));
        Check(result, options.HeldBackAfter, nameof(options.HeldBackAfter));
        return result.Build();
    }

    private static void Check(ValidateOptionsResultBuilder result, TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > LongestTimer)
        {
            result.AddError($"must be positive and at most 24 days, but is {value}.", name);
        }
    }
}
