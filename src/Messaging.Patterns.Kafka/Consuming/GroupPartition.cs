using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>One assignment of a partition: takes its records, has its frames judged, and is told by the workers what is done.</summary>
/// <remarks>The poller adds, workers handle, commits and rebalances look from threads of their own. A new assignment is a new object.</remarks>
internal sealed partial class GroupPartition : IDisposable
{
    // How long handlers may take to notice that their token is cancelled, before the partition leaves without them.
    private static readonly TimeSpan CancellationGrace = TimeSpan.FromSeconds(2);

    private readonly ConsumerGroup _group;
    private readonly GroupWorkers _workers;
    private readonly PartitionDispatch<GroupRecord> _dispatch;
    private readonly RecordIntake _intake;
    private readonly RecordWork _work;
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationToken _left;
    private readonly ControlStep.Begin? _begin;
    private PartitionRetries? _retries;
    private TaskCompletionSource? _idle;

    public GroupPartition(ConsumerGroup group, GroupTopic topic, int number, PartitionOffsets offsets, GroupWorkers workers, ControlStep.Begin? begin = null)
    {
        (_group, Topic, Number, Offsets, _workers, _begin) = (group, topic, number, offsets, workers, begin);
        _left = _leaving.Token;
        _intake = new RecordIntake(group, this, offsets.Position, _left);
        _work = new RecordWork(new RecordHandler(group, topic, number, begin), group.DeadLetters, group.Context.Time, _left);

        lock (workers.Gate)
        {
            _dispatch = workers.Dispatch.Assign();
        }
    }

    public GroupTopic Topic { get; }

    public int Number { get; }

    public string Group => _group.Name;

    public TopicPartition Id => new(Topic.Name, Number);

    public string Name => $"{Topic.Name}:{Number}";

    /// <summary>Gets the epoch of the rewind that holds, 0 for none.</summary>
    public long Epoch => Math.Max(0, _begin?.Epoch ?? 0);

    /// <summary>Gets whether records are judged before they are handled. For the poller alone.</summary>
    public bool IsJudged => _intake.IsNeeded;

    // Called under the workers' lock.
    private int InFlight => _dispatch.InFlight + (_retries?.InFlight ?? 0);

    /// <summary>Redirects keys from now on, and goes on with those that were. Before anything is taken.</summary>
    public void Redirect(RetryClaim claim)
    {
        Claim = (claim.Place, _group.Context.Time.GetTimestamp());
        _retries = new PartitionRetries(_group, this, _workers, _work, claim, _left);
        _dispatch.IsRedirected = _retries.IsRedirected;
        _retries.Start();
    }

    /// <summary>Returns whether a record is to be passed over, as ordered.</summary>
    public bool IsSkipped(long offset) => _begin?.Skips.Contains(offset) == true;

    /// <summary>Returns what is to be known of a record that was fetched before it is taken. For the poller alone.</summary>
    public FetchedRecord Receive(ConsumeResult<byte[], byte[]> record)
    {
        if (record.IsPartitionEOF)
        {
            return new(this, record, Bytes: 0, IsJudged: false, default);
        }

        var isJudged = _intake.Takes(record);
        return new(this, record, RecordSize.Of(record), isJudged, isJudged ? default : KeyOf(record));
    }

    /// <summary>Takes records that were fetched, as long as there is room; all of them once fetching is paused. Judging them begins with <see cref="StartIntake"/>, handling them with the workers.</summary>
    /// <returns>How many need no room any more: they were taken, or nobody is to handle them.</returns>
    public int Take(ReadOnlySpan<FetchedRecord> records)
    {
        lock (_workers.Gate)
        {
            var taken = 0;

            // What came before the partition left comes again, to whoever has it then.
            while (taken < records.Length && (_dispatch.CanTake || records[taken].Result.IsPartitionEOF || _dispatch.IsPaused || _dispatch.Phase == PartitionPhase.Left))
            {
                Take(records[taken++]);
            }

            NoteStop();
            return taken;
        }
    }

    /// <summary>Judges what was added, where that is needed.</summary>
    public void StartIntake() => _intake.Start();

    /// <summary>Sees to it that what is ready is handled.</summary>
    public void StartWorkers() => _workers.Start();

    /// <summary>A record that was added is judged.</summary>
    /// <param name="taken">The record.</param>
    /// <param name="firstVersion">The first version of a frame, 0 for what is no frame, <see langword="null"/> for what is to be passed over.</param>
    public void Judged(in TakenRecord<GroupRecord> taken, long? firstVersion)
    {
        var key = KeyOf(taken.Record.Result);

        lock (_workers.Gate)
        {
            if (firstVersion is { } version)
            {
                _workers.Dispatch.Enqueue(_dispatch, taken with { Record = taken.Record with { FirstVersion = version } }, key);
                NoteStop();
            }
            else
            {
                _workers.Dispatch.PassOver(_dispatch, taken);
                NoteStop();
                _workers.Freed();
            }
        }
    }

    /// <summary>Waits until the partition can take more.</summary>
    /// <returns>Whether it can, within the limit.</returns>
    public bool WaitForRoom(TimeSpan limit, CancellationToken stopping) => _workers.WaitForRoom(_dispatch, limit, stopping);

    /// <summary>Remembers that fetching is paused.</summary>
    public void Pause()
    {
        lock (_workers.Gate)
        {
            _dispatch.Pause();
        }
    }

    /// <summary>Returns whether fetching is to go on, and takes it as done.</summary>
    public bool TryResume()
    {
        lock (_workers.Gate)
        {
            return _dispatch.TryResume();
        }
    }

    /// <summary>Handles what a worker was given. What is not done is said in the batch.</summary>
    public ValueTask HandleAsync(WorkBatch<GroupRecord> batch) =>
        _retries is null ? _work.HandleAsync(batch)
        : batch[0].Record.Retry is not null ? _retries.HandleAsync(batch)
        : batch.Purpose == WorkPurpose.SetAside ? _retries.RedirectAsync(batch)
        : _work.HandleAsync(batch);

    /// <summary>What a worker was given came back. Called under the workers' lock.</summary>
    public void Returned()
    {
        _workers.Freed();
        NoteStop();

        if (InFlight == 0)
        {
            _idle?.TrySetResult();
        }
    }

    /// <summary>What a worker was given is done, but the partition had left.</summary>
    public void DoneLate(long offset) => Log.CompletedLate(_group.Context.Logger, _group.Name, Topic.Name, Number, offset);

    /// <summary>Not all that a worker was given is done. It came back already.</summary>
    /// <param name="batch">What was given.</param>
    /// <param name="counts">Whether the partition still has it.</param>
    public void Failed(WorkBatch<GroupRecord> batch, bool counts)
    {
        // Cancelled is not done: the records come again, to whoever has the partition then.
        var isCancelled = _left.IsCancellationRequested;

        for (var index = 0; index < batch.Count; index++)
        {
            if (batch.OutcomeOf(index) is WorkOutcome.Done or WorkOutcome.Untried || batch[index].Record.Progress?.Failure is not { } failure)
            {
                continue;
            }

            var offset = batch[index].Record.Result.Offset.Value;

            if (isCancelled)
            {
                Log.Cancelled(_group.Context.Logger, failure.Exception, _group.Name, Topic.Name, Number, offset);
            }
            else if (failure.NotSetAside is { } refusal)
            {
                Log.NotSetAside(_group.Context.Logger, refusal, _group.Name, Topic.Name, Number, offset);
            }
            else if (counts)
            {
                Log.Failed(_group.Context.Logger, failure.Exception, _group.Name, Topic.Name, Number, offset, failure.Attempts);
            }
        }
    }

    /// <summary>Stops, since the partition cannot be read on.</summary>
    public void Stop(string reason, Exception inner)
    {
        lock (_workers.Gate)
        {
            _dispatch.Stop();
            _retries?.Drain();
            _workers.Freed();
            Failure ??= new(_group.Name, Topic.Name, Number, offset: null, reason, inner);
        }

        Log.Unreadable(_group.Context.Logger, inner, _group.Name, Topic.Name, Number, reason);
    }

    /// <summary>Stops at a record that cannot be judged. What was judged before it is still handled.</summary>
    public void Refuse(long offset, Exception exception)
    {
        lock (_workers.Gate)
        {
            if (!_dispatch.IsOpen)
            {
                return;
            }

            _dispatch.Close();
            _workers.Freed();
            Failure ??= StoppedAt(offset, exception);
        }

        Log.Stopped(_group.Context.Logger, exception, _group.Name, Topic.Name, Number, offset);
    }

    /// <summary>Stops at a redirected record for which there is no more patience. What was taken of other keys is still handled.</summary>
    public void GiveUp(long offset, RecordProgress progress)
    {
        lock (_workers.Gate)
        {
            _dispatch.Close();
            _workers.Freed();
            Failure ??= StoppedAt(offset, progress);
        }

        Log.Stopped(_group.Context.Logger, progress.Failure.Exception, _group.Name, Topic.Name, Number, offset);
    }

    /// <summary>Gives out nothing more and waits for what is being handled, up to the limit; then cancels it.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="overdue">Cancelled when waiting must end at once.</param>
    public async Task DrainAsync(TimeSpan limit, CancellationToken overdue)
    {
        lock (_workers.Gate)
        {
            _dispatch.Drain();
            _retries?.Drain();
        }

        if (!await IsIdleWithinAsync(limit, overdue).ConfigureAwait(false))
        {
            await CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Cancels what is being handled: the partition belongs to another member already, or must leave.</summary>
    public async Task CancelAsync()
    {
        await _leaving.CancelAsync().ConfigureAwait(false);

        if (!await IsIdleWithinAsync(CancellationGrace, CancellationToken.None).ConfigureAwait(false))
        {
            Log.HandlerIgnoresCancellation(_group.Context.Logger, _group.Name, Topic.Name, Number);
        }
    }

    /// <summary>Has left: whatever is still reported does not count.</summary>
    public void Leave()
    {
        lock (_workers.Gate)
        {
            _dispatch.Leave();
            _retries?.Leave();
        }
    }

    public void Dispose()
    {
        _leaving.Dispose();
        _retries?.Dispose();
    }

    private void Take(in FetchedRecord fetched)
    {
        var (offset, result) = (fetched.Result.Offset.Value, fetched.Result);

        if (result.IsPartitionEOF)
        {
            _workers.Dispatch.ReachedEnd(_dispatch, offset);
        }
        else if (_dispatch.TryTake(offset, fetched.Bytes, new(this, result), out var taken))
        {
            _clock.Took(offset, result.Message.Timestamp.UnixTimestampMs);

            if (IsSkipped(offset))
            {
                _workers.Dispatch.PassOver(_dispatch, taken);
            }
            else if (fetched.IsJudged)
            {
                _intake.Add(taken);
            }
            else
            {
                _workers.Dispatch.Enqueue(_dispatch, taken, fetched.Key);
            }
        }
    }

    private RecordKey KeyOf(ConsumeResult<byte[], byte[]> record) => _group.IsPerKey ? new RecordKey(record.Message.Key) : default;

    private async Task<bool> IsIdleWithinAsync(TimeSpan limit, CancellationToken overdue)
    {
        Task idle;

        lock (_workers.Gate)
        {
            if (InFlight == 0)
            {
                return true;
            }

            _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        try
        {
            await idle.WaitAsync(limit, _group.Context.Time, overdue).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    // Called under the workers' lock; what follows from it, when the lock is free again.
    private void NoteStop()
    {
        if (_dispatch.StoppedAt is not { } stopped || Failure is not null)
        {
            return;
        }

        Failure = StoppedAt(stopped.Offset, stopped.Record.Progress!);
        ThreadPool.UnsafeQueueUserWorkItem(static one => Log.Stopped(one._group.Context.Logger, one.Failure!.InnerException!, one._group.Name, one.Topic.Name, one.Number, one.Failure.Offset!.Value), this, preferLocal: false);
    }

    private PartitionStoppedException StoppedAt(long offset, RecordProgress progress)
    {
        var failure = progress.Failure;
        var cause = failure.NotSetAside is { } refusal && refusal != failure.Exception ? new AggregateException(failure.Exception, refusal) : failure.Exception;
        return new(_group.Name, Topic.Name, Number, offset, GroupParking.Explain(progress), cause);
    }

    private PartitionStoppedException StoppedAt(long offset, Exception exception) => new(
        _group.Name, Topic.Name, Number, offset, exception is RecordRefusedException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}", exception);
}
