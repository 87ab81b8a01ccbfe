using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Outbox;

/// <summary>Sends what lies in an outbox: one lane reads, another deletes, thousands of rows are under way in between.</summary>
internal sealed partial class OutboxRelay : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestTrouble = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(20);

    private readonly IOutboxTable _table;
    private readonly OutboxRelayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OutboxRelay> _logger;
    private readonly RelayDispatch _dispatch;
    private readonly RelayReader _reader;
    private readonly RelayDeleter _deleter;
    private readonly string _instance = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";
    private TimeSpan _pause = ShortestPause;

    public OutboxRelay(OutboxRelayParts parts, OutboxRelayOptions options, TimeProvider time, ILogger<OutboxRelay> logger)
    {
        var (table, dispatch) = parts;
        (_table, _dispatch, _options, _time, _logger) = (table, dispatch, options, time, logger);
        Listen(dispatch);
        _reader = new(table, _dispatch, options, _instance) { Parked = Parked, Restarted = () => Log.DatabaseRestarted(_logger) };
        _deleter = new(table, _dispatch, options);
    }

    /// <summary>Gets what wakes the relay after a commit.</summary>
    public OutboxSignal Work => _dispatch.Work;

    public RelayState State { get; } = new();

    /// <summary>Gets how many instances live, as far as this one knows.</summary>
    public int Instances => _reader.Instances;

    /// <summary>Gets the queue and the leases, for those who look.</summary>
    public RelayDispatch Dispatch => _dispatch;

    /// <summary>Gets what lies in the outbox, as far as this instance knows without reading it.</summary>
    public Task<OutboxBacklog> MeasureAsync(CancellationToken cancellationToken) =>
        _table.MeasureAsync(
            _dispatch.Readable.Count < _dispatch.Buckets.Count ? 0 : Math.Min(_dispatch.Get(queue => queue.LowestId) ?? long.MaxValue, _reader.After + 1), cancellationToken);

    /// <summary>Returns the outbox to who acts on it, whether the relay runs already or not.</summary>
    /// <exception cref="MessagingException">Its tables are not as the relay needs them; says what to do.</exception>
    public async ValueTask<IOutboxTable> GetTableAsync(CancellationToken cancellationToken)
    {
        if (!State.IsRunning)
        {
            await _table.VerifyAsync(cancellationToken).ConfigureAwait(false);
        }

        return _table;
    }

    public override void Dispose()
    {
        base.Dispose();
        _dispatch.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var deleting = new CancellationTokenSource();
        await TryAsync(VerifyAsync, stoppingToken).ConfigureAwait(false);
        var deleter = RunAsync(DeleteAsync, deleting.Token);
        await RunAsync(ReadAsync, stoppingToken).ConfigureAwait(false);

        // What is under way is waited for, and deleted, so that no other instance repeats it.
        _dispatch.IsPaused = true;
        await DrainAsync().ConfigureAwait(false);
        await deleting.CancelAsync().ConfigureAwait(false);
        await deleter.ConfigureAwait(false);
        await _dispatch.CloseAsync().ConfigureAwait(false);
        await GiveBackAsync().ConfigureAwait(false);
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        await _table.VerifyAsync(cancellationToken).ConfigureAwait(false);
        await _dispatch.PrepareAsync(_table, cancellationToken).ConfigureAwait(false);
        State.Runs();
        Log.Started(_logger, _instance);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        bool isMore;

        try
        {
            isMore = await _reader.StepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _reader.Failed();
            throw;
        }

        State.Works();

        if (_dispatch.IsCutOff)
        {
            _dispatch.IsCutOff = false;
            _dispatch.Send();
        }

        if (isMore)
        {
            return;
        }

        // Who wrote a moment ago writes again soon; who tells of it need not be asked.
        var limit = _reader.NextStep < _pause ? _reader.NextStep : _pause;
        var isTold = await Work.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        _pause = isTold ? ShortestPause : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _options.PollInterval.Ticks));
    }

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (await _deleter.StepAsync(cancellationToken).ConfigureAwait(false) == 0)
        {
            await _deleter.WaitAsync(_time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the steps of a lane to the end of the process, whatever the database does.</summary>
    private async Task RunAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await TryAsync(step, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Does something until it is done or the process stops, with growing pauses after failures.</summary>
    private async Task TryAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        for (var pause = ShortestPause; !cancellationToken.IsCancellationRequested; pause = pause * 2 < LongestTrouble ? pause * 2 : LongestTrouble)
        {
            try
            {
                await action(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it is: the rows are in the database, and nobody else sends them. What stays is seen in logs and health.
                _dispatch.IsCutOff = true;
                State.Fails(exception);
                Log.Interrupted(_logger, exception, pause);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DrainAsync()
    {
        var limit = _dispatch.Now + _options.DrainTimeout;

        while (_dispatch.Get(queue => queue.InFlight + queue.Stored) is > 0 and var left)
        {
            if (_dispatch.Now >= limit)
            {
                Log.NotDrained(_logger, left, _options.DrainTimeout);
                return;
            }

            await Task.Delay(DrainLook, _time).ConfigureAwait(false);
        }
    }

    private async Task GiveBackAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_options.DrainTimeout + DrainLook, _time);
            await _table.ReleaseAsync(_instance, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Then they run out by themselves.
            Log.NotReleased(_logger, exception);
        }
    }

    private void Listen(RelayDispatch dispatch)
    {
        dispatch.Told = Told;

        if (dispatch is TransactionDispatch transactions)
        {
            (transactions.Troubled, transactions.Fenced, transactions.Ended) = (Troubled, Fenced, State.Count);
        }
    }

    private void Troubled(string? reason)
    {
        if (reason is null)
        {
            Works();
        }
        else if (State.IsFirstFailure())
        {
            Log.SendingFails(_logger, reason);
        }
    }

    private void Fenced(TransactionalId id, bool isOurs)
    {
        if (isOurs)
        {
            Log.FencedAgain(_logger, $"{id}");
        }
        else
        {
            Log.Fenced(_logger, $"{id}");
        }
    }

    private void Told(RelayRow row, RecordOutcome outcome)
    {
        State.Count(outcome.Status);

        // The first of many; the rest is in the metrics.
        switch (outcome.Status)
        {
            case RecordStatus.NoTopic when State.Misses(row.Record!.Topic):
                Log.TopicMissing(_logger, row.Record.Topic, _options.MissingTopicTimeout);
                break;
            case RecordStatus.Failed or RecordStatus.Unknown when State.IsFirstFailure():
                Log.SendingFails(_logger, outcome.Reason);
                break;
            case RecordStatus.Acknowledged:
                State.Finds(row.Record!.Topic);
                Works();
                break;
        }
    }

    private void Works()
    {
        if (State.IsFirstSuccess())
        {
            Log.SendingWorks(_logger);
        }
    }

    private void Parked(RelayRow row)
    {
        State.Parked();
        State.Finds(row.Record!.Topic);
        Log.Parked(_logger, row.Id, row.Reason);
    }
}
