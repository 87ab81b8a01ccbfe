namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>
/// Where the reading of the table has got to. Finds every row once, also those of transactions that commit late, without looking at a row that it has read
/// before: what was deleted in front of it costs nothing, however long it stays in the table because of an old transaction. Pure.
/// </summary>
/// <remarks>
/// <para>
/// Reading goes in passes. Each sees the table as of a snapshot: that of its first page. It finds the <i>late</i> rows, those up to where the last pass ended
/// whose transactions ended between the two snapshots, and then <i>new</i> rows, behind; all in the order of ids. Mostly that is one page. If late rows fill it,
/// others follow, as of the same snapshot: what ends meanwhile is late in the next pass.
/// </para>
/// <para>
/// That keeps the order of keys, since a key's lock is held from the drawing of a number to the end of the transaction: when a row is visible, so is every row
/// of its key with a smaller number. So a late row is never behind one of its key that was read in an earlier pass, nor behind a new one.
/// </para>
/// </remarks>
internal sealed class ReadCursor
{
    // As of which everything up to the place was read.
    private DatabaseSnapshot _last = DatabaseSnapshot.Empty;
    private DatabaseSnapshot? _pass;
    private long _lateAfter;

    /// <summary>Gets up to which id the table is read, apart from what commits late.</summary>
    public long After { get; private set; }

    /// <summary>Returns what to read next.</summary>
    public PageRequest NextPage() => new(_pass, After, After == 0 ? null : new LateTransactions(_last.Next, _last.Open, _lateAfter));

    /// <summary>Takes note of a page.</summary>
    /// <param name="snapshot">As of which it was read.</param>
    /// <param name="lastId">The id of its last row, or <see langword="null"/> if it has none.</param>
    /// <param name="isFull">Whether there may be more behind it.</param>
    public void PageRead(DatabaseSnapshot snapshot, long? lastId, bool isFull)
    {
        if (isFull && lastId <= After)
        {
            (_pass, _lateAfter) = (snapshot, lastId.Value);
            return;
        }

        After = Math.Max(After, lastId ?? 0);
        (_last, _pass, _lateAfter) = (snapshot, null, 0);
    }
}
