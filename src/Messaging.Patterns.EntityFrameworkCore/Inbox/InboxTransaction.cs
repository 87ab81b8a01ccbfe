using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>Handles events in a transaction of a context, in which they are also written into its inbox.</summary>
internal sealed class InboxTransaction<TContext> : IHandlerTransaction
    where TContext : DbContext
{
    public async ValueTask RunAsync(
        IServiceProvider services, IReadOnlyList<EventContext> events, Func<IReadOnlyList<int>, CancellationToken, ValueTask> handleAsync, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<TContext>();
        var inbox = new InboxTable(context, services.GetRequiredService<TimeProvider>());
        await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                // What a transaction that is repeated left behind.
                context.ChangeTracker.Clear();
                await RunOnceAsync(inbox, context, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

        // A crash before the commit leaves nothing, and the events come again; after it they come again and are found in the inbox. So are they if only the answer
        // to the commit was lost and the transaction is repeated.
        async Task RunOnceAsync(InboxTable inbox, TContext context, CancellationToken token)
        {
            var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);

            await using (transaction.ConfigureAwait(false))
            {
                var taken = await inbox.TakeAsync(events, token).ConfigureAwait(false);

                if (taken.Count > 0)
                {
                    await handleAsync(taken, token).ConfigureAwait(false);
                    await context.SaveChangesAsync(token).ConfigureAwait(false);
                }

                await transaction.CommitAsync(token).ConfigureAwait(false);
            }
        }
    }
}
