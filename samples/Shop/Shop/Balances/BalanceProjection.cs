using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Shop.Customers;
using Shop.ReadModels;

namespace Shop.Balances;

/// <summary>Keeps the table of balances. It can be told to have a bug, so that there is something to correct: see <see cref="Operations.OperationEndpoints"/>.</summary>
public sealed class BalanceProjection(ReadContext tables)
    : IEventHandler<AccountOpened>, IEventHandler<AccountCharged>, IEventHandler<AccountDebited>, IEventHandler<DebitRefused>
{
    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountOpened @event, EventContext context, CancellationToken cancellationToken = default) =>
        SetAsync(context, @event.CustomerId, 0, cancellationToken, @event.Name);

    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default) =>
        SetAsync(context, @event.CustomerId, @event.Amount, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask HandleAsync(AccountDebited @event, EventContext context, CancellationToken cancellationToken = default)
    {
        var hasBug = await tables.Settings.AnyAsync(one => one.Name == ReadSetting.Bug, cancellationToken);
        await SetAsync(context, @event.CustomerId, hasBug ? @event.Amount : -@event.Amount, cancellationToken);
    }

    /// <summary>Changes no balance, but the table is then known to be as new as this event.</summary>
    public ValueTask HandleAsync(DebitRefused @event, EventContext context, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    private async ValueTask SetAsync(EventContext context, string customerId, long amount, CancellationToken cancellationToken, string? name = null)
    {
        var (topic, partition, offset) = (context.Topic, context.Partition, context.Offset);

        // After a rewind it is there already.
        var change = await tables.Changes.FindAsync([topic, partition, offset], cancellationToken)
            ?? tables.Changes.Add(new BalanceChange { Topic = topic, Partition = partition, Offset = offset, Customer = customerId, Name = name }).Entity;
        change.Amount = amount;
    }
}
