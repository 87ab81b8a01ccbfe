using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Shop.Customers;

namespace Shop.Balances;

/// <summary>Registers the read model of balances.</summary>
internal static class BalanceService
{
    /// <summary>Adds the table of balances, and what keeps it.</summary>
    public static IMessagingPatternsBuilder AddBalances(this IMessagingPatternsBuilder messaging, ShopOptions shop)
    {
        var table = new BalanceTable(shop);
        messaging.Services.AddSingleton(table);

        return !shop.Has(ShopRoles.Listen) ? messaging : messaging
            .AddConsumerGroup($"{shop.Prefix}balances-{table.Id}", group => group

                // The table remembers up to where it got, so nothing before that may still be open.
                .Ordered(ProcessingOrder.PerPartition)
                .From(shop.AccountsTopic)
                .Handle<AccountOpened, BalanceProjection>()
                .Handle<AccountCharged, BalanceProjection>()
                .Handle<AccountDebited, BalanceProjection>()
                .Handle<DebitRefused, BalanceProjection>());
    }
}
