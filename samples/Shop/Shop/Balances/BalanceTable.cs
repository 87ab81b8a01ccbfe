using Shop.ReadModels;

namespace Shop.Balances;

/// <summary>The table of balances: kept by <see cref="BalanceProjection"/>, read by <see cref="BalanceQueries"/>.</summary>
public sealed class BalanceTable(ShopOptions shop) : ReadModel(
    shop,
    "balances.db",
    shop.AccountsTopic,
    "CREATE TABLE IF NOT EXISTS balances (customer TEXT PRIMARY KEY, name TEXT NOT NULL, balance INTEGER NOT NULL)");
