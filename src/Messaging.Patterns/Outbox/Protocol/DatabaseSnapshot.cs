using System.Globalization;

namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>Which transactions of a database had ended at a moment, as PostgreSQL's <c>pg_snapshot</c> tells it.</summary>
/// <param name="Next">Transactions from here on had not ended.</param>
/// <param name="Open">Transactions before that had not ended either, ascending.</param>
internal sealed record DatabaseSnapshot(ulong Next, IReadOnlyList<ulong> Open)
{
    /// <summary>Gets the snapshot in which nothing had ended.</summary>
    public static DatabaseSnapshot Empty { get; } = new(0, []);

    /// <summary>Reads <c>xmin:xmax:open,open,...</c>.</summary>
    public static DatabaseSnapshot Parse(string text)
    {
        var parts = text.Split(':');
        return parts is [_, var next, var open]
            ? new(Number(next), open.Length == 0 ? [] : [.. open.Split(',').Select(Number)])
            : throw new FormatException($"'{text}' is no snapshot of PostgreSQL, expected 'xmin:xmax:open,...'.");
    }

    /// <summary>Returns whether a transaction had ended.</summary>
    public bool HasEnded(ulong transaction) => transaction < Next && !Open.Contains(transaction);

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
