using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Deletes rows by their age.</summary>
internal static class OldRows
{
    // Short transactions, which hold nobody up.
    private const int RowsAtOnce = 1_000;

    /// <summary>Deletes rows, about a thousand at a time, the oldest first.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="time">The property that says how old a row is, which has an index.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many were deleted.</returns>
    public static async Task<int> DeleteAsync<TRow>(IQueryable<TRow> rows, string time, CancellationToken cancellationToken)
        where TRow : class
    {
        var deleted = 0;

        // Up to the time of the thousandth: a range of the index, whatever else the table holds. Rows that share a time go together.
        while (await rows.OrderBy(row => EF.Property<DateTime>(row, time)).Skip(RowsAtOnce - 1).Select(row => (DateTime?)EF.Property<DateTime>(row, time))
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) is { } last)
        {
            deleted += await rows.Where(row => EF.Property<DateTime>(row, time) <= last).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        }

        return deleted + await rows.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
    }
}
