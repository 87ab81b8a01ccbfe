using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>The positions of a context's inbox, as consumer groups set and read them, in transactions of their own.</summary>
internal sealed class InboxPositionStore<TContext>(IServiceScopeFactory scopes) : IFollowingPositionStore
    where TContext : DbContext
{
    public async ValueTask<StoredPosition?> ReadAsync(string group, string topic, int partition, CancellationToken cancellationToken = default) =>
        await InContextAsync(async context =>
            await new InboxPositions(context).FindAsync(new(group, topic, partition), cancellationToken).ConfigureAwait(false) is { } row ? new StoredPosition(row.Next, row.Epoch) : null).ConfigureAwait(false);

    public async ValueTask<StoredPosition> RewindAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(position);
        return await InContextAsync(context => context.Database.CreateExecutionStrategy().ExecuteAsync(
            token => RewindAsync(context, new(group, topic, partition), position, token), cancellationToken)).ConfigureAwait(false);
    }

    public async ValueTask FollowAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(position);
        await InContextAsync(async context =>
        {
            var (positions, place) = (new InboxPositions(context), new InboxPlace(group, topic, partition));

            if (!await positions.TryMoveAsync(place, position, cancellationToken).ConfigureAwait(false))
            {
                await positions.AddAsync(place, position, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }).ConfigureAwait(false);
    }

    // Once it has the lock, whoever handled in the former epoch has committed, and whoever still handles in it does not commit. A crash leaves all or nothing.
    private static async Task<StoredPosition> RewindAsync(TContext context, InboxPlace place, StoredPosition position, CancellationToken cancellationToken)
    {
        var positions = new InboxPositions(context);
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);

        await using (transaction.ConfigureAwait(false))
        {
            await positions.AddAsync(place, position, cancellationToken).ConfigureAwait(false);
            var epoch = await positions.LockEpochAsync(place, cancellationToken).ConfigureAwait(false);

            if (epoch < position.Epoch)
            {
                await positions.SetAsync(place, position, cancellationToken).ConfigureAwait(false);
            }

            var stored = (await positions.FindAsync(place, cancellationToken).ConfigureAwait(false))!;
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return new StoredPosition(stored.Next, stored.Epoch);
        }
    }

    private async Task<TResult> InContextAsync<TResult>(Func<TContext, Task<TResult>> useAsync)
    {
        var scope = scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            return await useAsync(scope.ServiceProvider.GetRequiredService<TContext>()).ConfigureAwait(false);
        }
    }
}
