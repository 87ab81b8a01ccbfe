using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Outbox;

/// <summary>The lane of the relay that renews leases, parks rows and reads, one thing after another.</summary>
internal sealed class RelayReader(IOutboxTable table, RelayDispatch dispatch, OutboxRelayOptions options, string instance)
{
    private readonly HashSet<int> _retiring = [];
    private ReadCursor _cursor = new();
    private TimeSpan _nextRenewal;
    private TimeSpan _nextDue;

    /// <summary>Gets how long to wait at most until the next step has something to do of itself.</summary>
    public TimeSpan NextStep
    {
        get
        {
            var next = _nextRenewal;

            // Without a lease there is nothing to do but to ask for one.
            if (dispatch.Buckets.Count > 0)
            {
                next = _nextDue < next ? _nextDue : next;
                next = dispatch.NextAttempt is { } attempt && attempt < next ? attempt : next;
            }

            return next > dispatch.Now ? next - dispatch.Now : TimeSpan.Zero;
        }
    }

    /// <summary>Gets or sets what hears that the database was started anew.</summary>
    public Action Restarted { get; set; } = () => { };

    /// <summary>Gets or sets what hears of rows that were parked.</summary>
    public Action<RelayRow> Parked { get; set; } = _ => { };

    /// <summary>Gets up to which id the table is read.</summary>
    public long After => Volatile.Read(ref _cursor).After;

    /// <summary>Gets how many instances live, as of the last renewal.</summary>
    public int Instances { get; private set; } = 1;

    /// <summary>Does what is to be done, and returns whether there may be more at once.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        if (dispatch.Now >= _nextRenewal || dispatch.TakeMustRenew())
        {
            await RenewAsync(cancellationToken).ConfigureAwait(false);
        }

        dispatch.Send();
        IReadOnlyCollection<int> buckets = [.. dispatch.Readable.Except(_retiring)];

        if (buckets.Count == 0)
        {
            return false;
        }

        await ParkAsync(cancellationToken).ConfigureAwait(false);

        if (dispatch.Now >= _nextDue)
        {
            await MoveDueAsync(buckets, cancellationToken).ConfigureAwait(false);
        }

        return await ReadAsync(buckets, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The database did not answer: what was being done is begun anew.</summary>
    public void Failed() => dispatch.Tell(queue => queue.EndRead());

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var asked = dispatch.Now;
        var giveBack = GiveBack();
        var answer = await table.RenewAsync(new(instance, giveBack, options.LeaseDuration), cancellationToken).ConfigureAwait(false);
        _retiring.ExceptWith(giveBack);
        Instances = answer.Instances;
        Renewed(answer, asked);
        _nextRenewal = asked + (options.LeaseDuration / 3);
    }

    private void Renewed(LeaseAnswer answer, TimeSpan asked)
    {
        var isAnew = dispatch.DatabaseRun is { } before && before != answer.Run;

        // A crash before this line leaves leases that nobody uses until they run out; rows wait so long.
        if (dispatch.Renewed(answer, asked).Gained.Count > 0 || isAnew)
        {
            // What the former holder did is not known: its buckets are read from their first row, and what is held of others is passed over.
            _cursor = new();
        }

        if (isAnew)
        {
            _retiring.Clear();
            dispatch.Stored.Set();
            Restarted();
        }
    }

    // What is more than its share is not read and sent any more, and given back once nothing of it is under way, so that nobody repeats it.
    private List<int> GiveBack()
    {
        var leased = dispatch.Buckets;
        var surplus = leased.Count - LeaseSet.Share(table.Buckets, Instances);

        if (surplus <= 0 && _retiring.Count > 0)
        {
            _retiring.Clear();
            _cursor = new();
        }

        if (surplus > _retiring.Count)
        {
            _retiring.UnionWith(leased.Order().TakeLast(surplus));
            dispatch.Tell(queue => queue.Release(_retiring.Contains));
        }

        return dispatch.Get(queue => _retiring.Where(bucket => !queue.IsBusy(bucket)).ToList());
    }

    private async Task ParkAsync(CancellationToken cancellationToken)
    {
        while (dispatch.Get(queue => queue.Refused.TryPeek(out var first) ? first : null) is { } row)
        {
            if (!row.IsAbandoned && dispatch.TokenOf(row.Bucket) is { } token && await table.ParkAsync(row, token, cancellationToken).ConfigureAwait(false))
            {
                // A crash before this line has parked the row; whoever reads on finds its key held back.
                dispatch.Tell(queue => queue.Parked(row, options.OnRefused == RefusedRows.SetAside));
                Parked(row);
            }

            dispatch.Tell(queue => queue.Refused.Dequeue());
        }
    }

    private async Task MoveDueAsync(IReadOnlyCollection<int> buckets, CancellationToken cancellationToken)
    {
        var due = await table.MoveDueAsync(buckets, options.PageSize, cancellationToken).ConfigureAwait(false);
        var wait = due.Next is { } next && next < options.PollInterval ? next : options.PollInterval;
        _nextDue = dispatch.Now + (due.Moved == options.PageSize ? TimeSpan.Zero : wait);
    }

    private async Task<bool> ReadAsync(IReadOnlyCollection<int> buckets, CancellationToken cancellationToken)
    {
        // Small pages, one for each row that is deleted, would cost more than they bring.
        if (dispatch.Room < options.PageSize)
        {
            dispatch.IsReaderWaiting = true;
            return false;
        }

        if (dispatch.TakeMustReadAnew())
        {
            _cursor = new();
        }

        dispatch.BeginRead();
        var page = await table.ReadAsync(_cursor.NextPage(), buckets, options.PageSize, cancellationToken).ConfigureAwait(false);

        if (page.Run != dispatch.DatabaseRun)
        {
            // The database was started anew since the leases were renewed: neither they hold, nor what a page is read behind.
            dispatch.Tell(queue => queue.EndRead());
            Renewed(new([], Instances, page.Run), dispatch.Now);
            _nextRenewal = dispatch.Now;
            return true;
        }

        _cursor.PageRead(page.Snapshot, page.LastId, page.IsFull);
        dispatch.EndRead(page.Rows.Where(row => !row.IsHeldBack || options.OnRefused == RefusedRows.SetAside));
        dispatch.Send();
        return page.IsFull;
    }
}
