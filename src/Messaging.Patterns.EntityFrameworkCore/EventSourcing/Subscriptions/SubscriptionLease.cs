using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>
/// The right to work on a subscription. An owner counts its beat up; whoever sees the same token and beat for the whole duration, by its own clock, takes over
/// by counting the token up. So no two clocks are compared. That an owner was alive all the same is harmless: its place is written with its token, in the transaction of its
/// handlers, which finds the token changed and is rolled back.
/// </summary>
/// <param name="contexts">Where each call gets its context from.</param>
/// <param name="name">The subscription.</param>
/// <param name="duration">After how long without a beat an owner is taken for gone.</param>
/// <param name="time">The clock.</param>
internal sealed class SubscriptionLease(StoreContexts contexts, string name, TimeSpan duration, TimeProvider time)
{
    private (long Token, long Beat)? _seen;
    private long _since;

    /// <summary>Gets the token of the lease that is held, or was held last.</summary>
    public long Token { get; private set; }

    /// <summary>Takes the lease if it is free or its owner is gone, and returns how far the subscription has got; <see langword="null"/> if somebody has it.</summary>
    public async Task<SubscriptionPlace?> TryTakeAsync(CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            var rows = rented.Context.Set<SubscriptionRow>();
            var row = await CommittedRows.Of<SubscriptionRow>(rented.Context).AsNoTracking().SingleOrDefaultAsync(one => one.Name == name, cancellationToken).ConfigureAwait(false);

            if (row is null)
            {
                await AddAsync(rented.Context, cancellationToken).ConfigureAwait(false);
                return null;
            }

            if (!row.IsFree && !IsGone(row))
            {
                return null;
            }

            var taken = await rows.Where(one => one.Name == name && one.Token == row.Token && one.Beat == row.Beat).ExecuteUpdateAsync(
                set => set.SetProperty(one => one.Token, row.Token + 1).SetProperty(one => one.Beat, row.Beat + 1).SetProperty(one => one.IsFree, false), cancellationToken).ConfigureAwait(false);

            // Its former owner has not moved since it was read, or its beat would be another, and will not move it any more.
            Token = taken == 1 ? row.Token + 1 : Token;
            return taken == 1 ? new(row.Number, row.Handled) : null;
        }
    }

    /// <summary>Shows that the owner lives, and returns whether it still is the owner.</summary>
    public Task<bool> BeatAsync(CancellationToken cancellationToken) => UpdateAsync(
        rows => rows.ExecuteUpdateAsync(set => set.SetProperty(one => one.Beat, one => one.Beat + 1), cancellationToken));

    /// <summary>Lets the next instance begin at once.</summary>
    public Task<bool> ReleaseAsync(CancellationToken cancellationToken) => UpdateAsync(
        rows => rows.ExecuteUpdateAsync(set => set.SetProperty(one => one.IsFree, true), cancellationToken));

    /// <summary>Writes how far the subscription has got, in the current transaction of a context, and returns whether the lease is still held.</summary>
    public async Task<bool> MoveAsync(DbContext context, SubscriptionPlace place, CancellationToken cancellationToken) =>
        await Held(context).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.Number, place.Number).SetProperty(one => one.Handled, place.Handled).SetProperty(one => one.Beat, one => one.Beat + 1),
            cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Writes it in a transaction of its own.</summary>
    public async Task<bool> MoveAsync(SubscriptionPlace place, CancellationToken cancellationToken)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            return await MoveAsync(rented.Context, place, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> UpdateAsync(Func<IQueryable<SubscriptionRow>, Task<int>> updateAsync)
    {
        var rented = contexts.Rent();

        await using (rented.ConfigureAwait(false))
        {
            return await updateAsync(Held(rented.Context)).ConfigureAwait(false) == 1;
        }
    }

    private IQueryable<SubscriptionRow> Held(DbContext context) => context.Set<SubscriptionRow>().Where(one => one.Name == name && one.Token == Token);

    private bool IsGone(SubscriptionRow row)
    {
        if (_seen != (row.Token, row.Beat))
        {
            (_seen, _since) = ((row.Token, row.Beat), time.GetTimestamp());
        }

        return time.GetElapsedTime(_since) >= duration;
    }

    // Of several that add it at once one succeeds; the others find it next time.
    private async Task AddAsync(DbContext context, CancellationToken cancellationToken)
    {
        context.Add(new SubscriptionRow { Name = name, IsFree = true });

        try
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException) when (!cancellationToken.IsCancellationRequested)
        {
            if (!await context.Set<SubscriptionRow>().AnyAsync(one => one.Name == name, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }
        }
    }
}
