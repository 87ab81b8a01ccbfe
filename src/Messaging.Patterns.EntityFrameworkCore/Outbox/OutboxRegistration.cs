using Messaging.Patterns.Outbox;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>A context that has an outbox.</summary>
internal sealed record OutboxRegistration(Type Context, Func<IServiceProvider, IOutbox> Find)
{
    /// <summary>Returns the outbox of the only context that has one.</summary>
    public static IOutbox FindOnly(IServiceProvider services) => services.GetServices<OutboxRegistration>().ToList() switch
    {
        [var only] => only.Find(services),
        var several => throw new InvalidOperationException(
            $"Several contexts have an outbox: {string.Join(", ", several.Select(one => $"'{one.Context.Name}'"))}. Inject IOutbox<TContext> of the one that is meant instead of IOutbox."),
    };
}
