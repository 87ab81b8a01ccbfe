using Messaging.Patterns;
using Shop.Customers;
using Shop.ReadModels;

namespace Shop.Balances;

/// <summary>Registers the read model of balances.</summary>
internal static class BalanceService
{
    /// <summary>Returns the name of the consumer group that keeps the table.</summary>
    public static string GroupOf(ShopOptions shop, ReadTables tables) => $"{shop.Prefix}balances-{tables.Id}";

    /// <summary>Adds what keeps the table of balances.</summary>
    public static IMessagingPatternsBuilder AddBalances(this IMessagingPatternsBuilder messaging, ShopOptions shop, ReadTables tables) =>
        !shop.Has(ShopRoles.Listen) ? messaging : messaging
            .AddConsumerGroup(GroupOf(shop, tables), group => group
                .From(shop.AccountsTopic)
                .Handle<AccountOpened, BalanceProjection>()
                .Handle<AccountCharged, BalanceProjection>()
                .Handle<AccountDebited, BalanceProjection>()
                .Handle<DebitRefused, BalanceProjection>()
                .WithInboxPosition<ReadContext>());
}
