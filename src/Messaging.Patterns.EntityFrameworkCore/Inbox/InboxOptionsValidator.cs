using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

internal sealed class InboxOptionsValidator : IValidateOptions<InboxOptions>
{
    public ValidateOptionsResult Validate(string? name, InboxOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckPositive(result, options.Window, nameof(options.Window));
        CheckPositive(result, options.CleanUpInterval, nameof(options.CleanUpInterval));
        return result.Build();
    }

    private static void CheckPositive(ValidateOptionsResultBuilder result, TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {value}.", name);
        }
    }
}
