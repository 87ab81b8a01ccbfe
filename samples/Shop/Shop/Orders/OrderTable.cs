using Shop.ReadModels;

namespace Shop.Orders;

/// <summary>The table of orders: kept by <see cref="OrderProjection"/>, read by <see cref="OrderQueries"/>.</summary>
public sealed class OrderTable(ShopOptions shop) : ReadModel(
    shop,
    "orders.db",
    shop.OrdersTopic,
    """
    CREATE TABLE IF NOT EXISTS orders (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        customer TEXT NOT NULL,
        amount INTEGER NOT NULL,
        status TEXT NOT NULL,
        reason TEXT)
    """);
