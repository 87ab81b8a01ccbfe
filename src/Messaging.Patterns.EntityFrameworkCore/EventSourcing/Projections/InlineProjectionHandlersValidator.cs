using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

internal sealed class InlineProjectionHandlersValidator(EventCodec codec, IServiceProviderIsKeyedService services) : IValidateOptions<InlineProjectionHandlers>
{
    public ValidateOptionsResult Validate(string? name, InlineProjectionHandlers options)
    {
        var result = new ValidateOptionsResultBuilder();

        // It would never be called.
        if (options.Context is { } context && !services.IsKeyedService(typeof(StoreParts), context))
        {
            result.AddError(
                $"inline projection '{name}' is of context '{context.Name}', which has no event store. Register it with AddEventStore<{context.Name}>() or AddPostgreSqlEventStore<{context.Name}>().");
        }

        if (options.Handlers.IsEmpty)
        {
            result.AddError($"inline projection '{name}' has no handler. Add one with Handle<TEvent, THandler>().");
        }

        foreach (var fault in options.Handlers.FindFaults(codec))
        {
            result.AddError($"inline projection '{name}': {fault}");
        }

        return result.Build();
    }
}
