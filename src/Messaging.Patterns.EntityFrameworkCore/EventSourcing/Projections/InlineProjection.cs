using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

/// <summary>Handlers that work in the transactions of appends.</summary>
/// <param name="name">The projection's name.</param>
/// <param name="type">The type of the context.</param>
/// <param name="dispatcher">Knows the handlers.</param>
/// <param name="scopes">Makes the scopes that they are resolved from.</param>
internal sealed class InlineProjection(string name, Type type, EventDispatcher dispatcher, IServiceScopeFactory scopes)
{
    public string Name { get; } = name;

    /// <summary>Returns whether it handles an event.</summary>
    public bool Handles(RawEvent raw) => dispatcher.Handles(raw);

    /// <summary>Handles an event in the current transaction of a context that has appended it. Handlers have a context of their own: what the other one tracks is not saved.</summary>
    public async Task HandleAsync(DbContext appending, RawEvent raw, EventContext context, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            var own = (DbContext)scope.ServiceProvider.GetRequiredService(type);
            var shared = await SharedTransaction.JoinAsync(own, appending, cancellationToken).ConfigureAwait(false);

            await using (shared.ConfigureAwait(false))
            {
                await dispatcher.DispatchWithinAsync(scope.ServiceProvider, raw, context, cancellationToken).ConfigureAwait(false);
                await own.SaveLastAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
