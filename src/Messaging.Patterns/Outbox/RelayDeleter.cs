namespace Messaging.Patterns.Outbox;

/// <summary>The lane of the relay that deletes what is stored, many rows at a time.</summary>
internal sealed class RelayDeleter(IOutboxTable table, RelayDispatch dispatch, OutboxRelayOptions options)
{
    private const int BatchSize = 5_000;

    // A few rows wait for others, so that they go together; nobody waits for it.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(10);

    /// <summary>Deletes what is stored, and returns how many rows that were.</summary>
    public async Task<int> StepAsync(CancellationToken cancellationToken)
    {
        var (rows, run) = dispatch.Get(queue => (queue.TakeStored(BatchSize), queue.Run));

        if (rows.Count == 0)
        {
            return 0;
        }

        try
        {
            // Stored first, then deleted: a crash in between repeats rows, the other order would lose them. No lease is asked for: whoever holds it now, they are
            // stored.
            if (!await table.DeleteAsync([.. rows.Select(row => row.Id)], run!, cancellationToken).ConfigureAwait(false))
            {
                // Who reads finds out as well, and wakes this lane if there is something to delete in the new run.
                dispatch.Tell(queue => queue.NotDeleted(rows));
                dispatch.Work.Set();
                return 0;
            }
        }
        catch
        {
            // Maybe deleted, maybe not: deleting again does no harm.
            dispatch.Tell(queue => queue.NotDeleted(rows));
            throw;
        }

        dispatch.Deleted(rows);

        if (dispatch.IsReaderWaiting && dispatch.Room >= options.PageSize)
        {
            dispatch.IsReaderWaiting = false;
            dispatch.Work.Set();
        }

        return rows.Count;
    }

    public async Task WaitAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        await dispatch.Stored.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);

        if (dispatch.Get(queue => queue.Stored) < BatchSize)
        {
            await Task.Delay(Linger, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
