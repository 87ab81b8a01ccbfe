using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>Handles events in a transaction of a context, in which it is also written down that they are handled.</summary>
/// <param name="create">Makes what writes that down.</param>
internal sealed class InboxTransaction<TContext>(Func<TContext, TimeProvider, IHandledEvents> create) : IHandlerTransaction
    where TContext : DbContext
{
    public async ValueTask RunAsync(
        IServiceProvider services, IReadOnlyList<EventContext> events, Func<IReadOnlyList<int>, CancellationToken, ValueTask> handleAsync, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<TContext>();
        var handled = create(context, services.GetRequiredService<TimeProvider>());
        await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                do
                {
                    // What a transaction that is repeated left behind.
                    context.ChangeTracker.Clear();
                }
                while (!await TryRunAsync(token).ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);

        // A crash before the commit leaves nothing, and the events come again; after it they come again and are known as handled. So are they if only the answer
        // to the commit was lost and the transaction is repeated.
        async Task<bool> TryRunAsync(CancellationToken token)
        {
            var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);

            await using (transaction.ConfigureAwait(false))
            {
                var taken = await handled.TakeAsync(events, token).ConfigureAwait(false);

                if (taken.Count > 0)
                {
                    await handleAsync(taken, token).ConfigureAwait(false);
                    await context.SaveLastAsync(token).ConfigureAwait(false);

                    if (!await handled.TryEndAsync([.. taken.Select(place => events[place])], token).ConfigureAwait(false))
                    {
                        return false;
                    }
                }

                await transaction.CommitAsync(token).ConfigureAwait(false);
                return true;
            }
        }
    }
}
