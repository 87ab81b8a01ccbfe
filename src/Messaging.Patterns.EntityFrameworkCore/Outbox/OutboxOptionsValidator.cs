using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

internal sealed class OutboxOptionsValidator : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (PublishedEventWriter.FindFault(options.Source) is { } fault)
        {
            result.AddError(fault, nameof(options.Source));
        }

        if (options.MaxEventBytes < 1)
        {
            result.AddError($"must be at least 1, but is {options.MaxEventBytes}.", nameof(options.MaxEventBytes));
        }

        return result.Build();
    }
}
