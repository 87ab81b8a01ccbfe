using Microsoft.Data.Sqlite;
using Shop.ReadModels;

namespace Shop.Orders;

/// <summary>The table of orders: kept by <see cref="OrderProjection"/>, read by <see cref="OrderQueries"/>. It holds where each order was placed and ended, so that a rewind can take that back.</summary>
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
        reason TEXT,
        part TEXT NOT NULL,
        placed_at INTEGER NOT NULL,
        ended_at INTEGER)
    """)
{
    /// <inheritdoc/>
    protected override void Undo(SqliteConnection connection, string part, long from)
    {
        connection.Execute(
            "UPDATE orders SET status = 'Placed', reason = NULL, ended_at = NULL WHERE part = $part AND ended_at >= $from", ("$part", part), ("$from", from));
        connection.Execute("DELETE FROM orders WHERE part = $part AND placed_at >= $from", ("$part", part), ("$from", from));
    }
}
