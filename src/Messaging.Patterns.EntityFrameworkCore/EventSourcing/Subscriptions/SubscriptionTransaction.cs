using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Handles an event in a transaction of a context, in which the subscription's place moves behind it.</summary>
internal sealed class SubscriptionTransaction<TContext>(SubscriptionLease lease, string name) : IHandlerTransaction
    where TContext : DbContext
{
    /// <summary>Gets or sets the place behind the event that is handled next.</summary>
    public SubscriptionPlace Behind { get; set; }

    public async ValueTask RunAsync(
        IServiceProvider services, IReadOnlyList<EventContext> events, Func<IReadOnlyList<int>, CancellationToken, ValueTask> handleAsync, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<TContext>();
        await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                // What a transaction that is repeated left behind.
                context.ChangeTracker.Clear();
                var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);

                await using (transaction.ConfigureAwait(false))
                {
                    await handleAsync([.. Enumerable.Range(0, events.Count)], token).ConfigureAwait(false);
                    await context.SaveLastAsync(token).ConfigureAwait(false);

                    // Last, since it locks the row: a handler may take its time without keeping the lease from being renewed. If another instance took
                    // over meanwhile, nothing of this stays. A crash before the commit leaves nothing, and the event comes again; after it, it does not.
                    if (!await lease.MoveAsync(context, Behind, token).ConfigureAwait(false))
                    {
                        throw new SubscriptionLostException(name);
                    }

                    await transaction.CommitAsync(token).ConfigureAwait(false);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }
}
