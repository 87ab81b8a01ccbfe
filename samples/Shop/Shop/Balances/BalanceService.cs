using Messaging.Patterns;
using Shop.Customers;

namespace Shop.Balances;

/// <summary>Registers the read model of balances.</summary>
internal static class BalanceService
{
    /// <summary>Returns the name of the consumer group that keeps the table.</summary>
    public static string GroupOf(ShopOptions shop, BalanceTable table) => $"{shop.Prefix}balances-{table.Id}";

    /// <summary>Adds the table of balances, and what keeps it.</summary>
    public static IMessagingPatternsBuilder AddBalances(this IMessagingPatternsBuilder messaging, ShopOptions shop)
    {
        var table = new BalanceTable(shop);
        messaging.Services.AddSingleton(table);

        return !shop.Has(ShopRoles.Listen) ? messaging : messaging
            .AddConsumerGroup(GroupOf(shop, table), group => group
                .KeepPositionIn<BalanceTable>()
                .From(shop.AccountsTopic)
                .Handle<AccountOpened, BalanceProjection>()
                .Handle<AccountCharged, BalanceProjection>()
                .Handle<AccountDebited, BalanceProjection>()
                .Handle<DebitRefused, BalanceProjection>());
    }
}
