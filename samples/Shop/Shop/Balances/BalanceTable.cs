using Microsoft.Data.Sqlite;
using Shop.ReadModels;

namespace Shop.Balances;

/// <summary>The table of balances: kept by <see cref="BalanceProjection"/>, read by <see cref="BalanceQueries"/>. It holds each change and where it comes from, so that a rewind can take changes back.</summary>
public sealed class BalanceTable(ShopOptions shop) : ReadModel(
    shop,
    "balances.db",
    shop.AccountsTopic,
    """
    CREATE TABLE IF NOT EXISTS changes (
        part TEXT NOT NULL,
        at INTEGER NOT NULL,
        customer TEXT NOT NULL,
        name TEXT,
        amount INTEGER NOT NULL,
        PRIMARY KEY (part, at)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS bug (one INTEGER PRIMARY KEY CHECK (one = 1));
    """)
{
    /// <summary>Gets or sets whether the handler has its bug: in all processes at once, as if each had been deployed with it.</summary>
    public bool HasBug
    {
        get => Query("SELECT one FROM bug", row => row.GetInt32(0)).Count > 0;
        set => Execute(value ? "INSERT OR IGNORE INTO bug VALUES (1)" : "DELETE FROM bug");
    }

    /// <inheritdoc/>
    protected override void Undo(SqliteConnection connection, string part, long from) =>
        connection.Execute("DELETE FROM changes WHERE part = $part AND at >= $from", ("$part", part), ("$from", from));
}
