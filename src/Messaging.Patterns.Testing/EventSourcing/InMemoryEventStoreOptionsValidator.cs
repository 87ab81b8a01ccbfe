using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Testing.EventSourcing;

internal sealed class InMemoryEventStoreOptionsValidator : IValidateOptions<InMemoryEventStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, InMemoryEventStoreOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (options.AppendIdWindow < 1)
        {
            result.AddError($"must be at least 1, but is {options.AppendIdWindow}.", nameof(options.AppendIdWindow));
        }

        if (options.ReadTimeout <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.ReadTimeout}.", nameof(options.ReadTimeout));
        }

        return result.Build();
    }
}
