namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>
/// Where the reading of the table has got to. Finds every row once, also those of transactions that commit late, without looking at a row that it has read
/// before: what was deleted in front of it costs nothing, however long it stays in the table because of an old transaction. Pure.
/// </summary>
/// <remarks>
/// <para>
/// Reading goes in passes. Each sees the table as of a snapshot taken at its begin. First come the <i>late</i> rows: those up to where the last pass ended whose
/// transactions ended between the two snapshots, in as many pages as it takes. Then one page of <i>new</i> rows, behind. All in the order of ids.
/// </para>
/// <para>
/// That keeps the order of keys, since a key's lock is held from the drawing of a number to the end of the transaction: when a row is visible, so is every row
/// of its key with a smaller number. So a late row is never behind one of its key that was read in an earlier pass, nor behind a new one.
/// </para>
/// </remarks>
internal sealed class ReadCursor
{
    private DatabaseSnapshot _last = DatabaseSnapshot.Empty;
    private DatabaseSnapshot? _now;
    private long _lateAfter;
    private bool _isLateDone;

    /// <summary>Gets up to which id the table is read, apart from what commits late.</summary>
    public long After { get; private set; }

    /// <summary>Gets whether a pass is under way: no snapshot is to be taken.</summary>
    public bool IsInPass => _now is not null;

    /// <summary>Begins a pass.</summary>
    public void Begin(DatabaseSnapshot snapshot)
    {
        _now = snapshot;
        _lateAfter = 0;

        // Nothing ended since, so nothing can be late.
        _isLateDone = After == 0 || (snapshot.Next == _last.Next && !_last.Open.Any(snapshot.HasEnded));
    }

    /// <summary>Returns what to read next in this pass.</summary>
    public PageRequest NextPage() => _isLateDone
        ? new(_now!, After, long.MaxValue, null)
        : new(_now!, _lateAfter, After, new LateTransactions(_last.Next, [.. _last.Open.Where(_now!.HasEnded)]));

    /// <summary>Takes note of a page.</summary>
    /// <param name="lastId">The id of its last row, or <see langword="null"/> if it has none.</param>
    /// <param name="isFull">Whether there may be more behind it.</param>
    public void PageRead(long? lastId, bool isFull)
    {
        if (!_isLateDone)
        {
            _lateAfter = lastId ?? _lateAfter;
            _isLateDone = !isFull;
            return;
        }

        After = lastId ?? After;
        (_last, _now) = (_now!, null);
    }
}
