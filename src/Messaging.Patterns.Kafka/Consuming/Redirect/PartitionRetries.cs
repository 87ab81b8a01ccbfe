using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>The redirected keys of one assignment of a partition: stores their records in the retry partition, and hands them over when their time has come.</summary>
internal sealed partial class PartitionRetries : IDisposable
{
    private readonly ConsumerGroup _group;
    private readonly GroupPartition _partition;
    private readonly GroupWorkers _workers;
    private readonly RecordWork _work;
    private readonly RetryClaim _claim;
    private readonly CancellationToken _left;
    private readonly KeyRetries _retries;
    private readonly PartitionDispatch<GroupRecord> _dispatch;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _reading = new();
    private readonly DateTimeOffset _began;
    private readonly long _started;
    private long _given;
    private int _underWay;
    private bool _isReading;
    private bool _isOver;

    /// <summary>Begins. Nothing is handed over before <see cref="Start"/>.</summary>
    /// <param name="group">The group.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="workers">The member's workers.</param>
    /// <param name="work">Handles, and sets aside.</param>
    /// <param name="claim">The claim that is in force.</param>
    /// <param name="left">Cancelled when the partition has left.</param>
    public PartitionRetries(ConsumerGroup group, GroupPartition partition, GroupWorkers workers, RecordWork work, RetryClaim claim, CancellationToken left)
    {
        (_group, _partition, _workers, _work, _claim, _left) = (group, partition, workers, work, claim, left);
        (_began, _started) = (group.Context.Time.GetUtcNow(), group.Context.Time.GetTimestamp());
        _retries = new KeyRetries(claim.Keys, GroupParking.SettingsOfRedirected(group.Options), now: 0);
        _timer = group.Context.Time.CreateTimer(static retries => ((PartitionRetries)retries!).Start(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        lock (workers.Gate)
        {
            _dispatch = workers.Dispatch.AssignRetries();
        }
    }

    /// <summary>Gets how many records are being handled. Read under the workers' lock.</summary>
    public int InFlight => _dispatch.InFlight;

    /// <summary>Gets how many keys are redirected. Read under the workers' lock.</summary>
    public int Keys => _retries.Count;

    private long Now => _group.Context.Time.GetElapsedTime(_started).Ticks;

    /// <summary>Returns whether a record of a key is to be stored in the retry partition. Called under the workers' lock.</summary>
    public bool IsRedirected(RecordKey key) => _retries.IsRedirected(key);

    /// <summary>Hands over what is due.</summary>
    public void Start()
    {
        KeyRetry? retry;

        lock (_workers.Gate)
        {
            if (_isOver || _isReading || _underWay >= _group.MaxConcurrency || !_retries.TryTake(Now, out retry))
            {
                Wait();
                return;
            }

            (_isReading, _underWay) = (true, _underWay + 1);
        }

        _ = ReadAsync(retry, _reading.Token);
    }

    /// <summary>Stores a record of the source partition in the retry partition. Only then it is done there.</summary>
    /// <remarks>
    /// A crash after it is stored and before that is committed: it comes again from the source partition, and the next owner's claim supersedes what is stored. The other
    /// way round a crash would lose it.
    /// </remarks>
    public async ValueTask RedirectAsync(WorkBatch<GroupRecord> batch)
    {
        var (record, key) = (batch[0].Record, batch.ChainOf(0).Key);

        try
        {
            var message = RedirectFormat.Write(_claim.Place.Offset.Value, _claim.Epoch, record);
            var offset = await _group.RetryTopics!.StoreAsync(_claim.Place.TopicPartition, message, _left).ConfigureAwait(false);
            Redirected(record, key, offset);
        }
        catch (RedirectException exception)
        {
            batch.SetNotDone(0, exception.IsTransient ? WorkOutcome.FailedAgain : WorkOutcome.FailedForGood, record with { Progress = NotStored(record.Progress, exception) });
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // Perhaps it is stored, perhaps not: it comes again.
            batch.SetNotDone(0, WorkOutcome.Untried, record);
        }
    }

    /// <summary>Handles a redirected record, then stores its release. What failed is tried again when its time has come.</summary>
    public async ValueTask HandleAsync(WorkBatch<GroupRecord> batch)
    {
        var retry = batch[0].Record.Retry!;

        if (retry.Next != RetryStep.Release)
        {
            batch.Purpose = retry.Next == RetryStep.SetAside ? WorkPurpose.SetAside : WorkPurpose.Handle;

            if (!_partition.IsSkipped(retry.Source))
            {
                await _work.HandleAsync(batch).ConfigureAwait(false);
            }

            if (!batch.IsDone)
            {
                Failed(batch, retry, batch.OutcomeOf(0));
                return;
            }

            retry.Handled();
        }

        await ReleaseAsync(batch, retry).ConfigureAwait(false);
    }

    /// <summary>Shows the redirected keys. Called under the workers' lock.</summary>
    public IEnumerable<Messaging.Patterns.Consuming.ParkedKey> Show() => _retries.All.Select(retry => GroupParking.Show(_partition, retry, _retries.CountOf(retry), _began) with
    {
        NextAttempt = retry.Due is { } due ? _group.Context.Time.GetUtcNow() + TimeSpan.FromTicks(Math.Max(0, due - Now)) : null,
    });

    /// <summary>Gives out nothing more. Called under the workers' lock.</summary>
    public void Drain()
    {
        End();
        _dispatch.Drain();
    }

    /// <summary>Whatever is still reported does not count. Called under the workers' lock.</summary>
    public void Leave()
    {
        End();
        _dispatch.Leave();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _reading.Dispose();
    }

    private void End()
    {
        if (!_isOver)
        {
            _isOver = true;
            _reading.Cancel();
        }
    }

    private void Redirected(in GroupRecord record, RecordKey key, long offset)
    {
        bool isNew;

        lock (_workers.Gate)
        {
            isNew = !_retries.IsRedirected(key);
            _retries.Redirected(key, offset, record.Result.Offset.Value, Now);
        }

        _group.Metrics.Redirected(record.Result.Topic);

        if (isNew)
        {
            Log.Redirected(_group.Context.Logger, record.Progress?.Failure.Exception, new(_group.Name, _partition.Id, record.Result.Offset.Value, _claim.Place.Topic));
        }

        Start();
    }

    /// <summary>
    /// First the record is handled, then its release is stored, then what follows it of its key is handled. A crash before the release is stored: the record comes again, and
    /// what follows it after that. The other way round the key would have gone on, and what was redirected would come again behind that.
    /// </summary>
    private async ValueTask ReleaseAsync(WorkBatch<GroupRecord> batch, KeyRetry retry)
    {
        try
        {
            var message = RedirectFormat.Write(new RetryEntry.Released(_claim.Place.Offset.Value, retry.Key, retry.Offset));
            await _group.RetryTopics!.StoreAsync(_claim.Place.TopicPartition, message, _left).ConfigureAwait(false);
        }
        catch (RedirectException exception)
        {
            var record = batch[0].Record;
            batch.SetNotDone(0, WorkOutcome.FailedAgain, record with { Progress = NotStored(record.Progress, exception) });
            Failed(batch, retry, exception.IsTransient ? WorkOutcome.FailedAgain : WorkOutcome.FailedForGood);
            return;
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            return;
        }

        bool isReleased;

        lock (_workers.Gate)
        {
            _retries.Released(retry, Now);
            _underWay--;
            isReleased = !_retries.IsRedirected(retry.Key);
        }

        if (isReleased)
        {
            Log.Released(_group.Context.Logger, _group.Name, _partition.Topic.Name, _partition.Number, retry.Source);
        }

        Start();
    }

    private void Failed(WorkBatch<GroupRecord> batch, KeyRetry retry, WorkOutcome outcome)
    {
        var progress = batch[0].Record.Progress!;
        var goesOn = true;
        _partition.Failed(batch, counts: !_left.IsCancellationRequested);
        batch.SetDone();

        lock (_workers.Gate)
        {
            if (!_isOver)
            {
                retry.Progress = progress;
                goesOn = _retries.Failed(retry, outcome, Now);
            }

            _underWay--;
        }

        if (!goesOn)
        {
            _partition.GiveUp(retry.Source, progress);
        }

        Start();
    }

    private async Task ReadAsync(KeyRetry retry, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await _claim.Reader.ReadAsync(new(_claim.Place.TopicPartition, retry.Offset), cancellationToken).ConfigureAwait(false);
            HandOver(retry, stored);
            _workers.Start();
            Start();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next owner reads it.
        }
        catch (Exception exception)
        {
            _partition.Stop(exception.Message, exception);
        }
    }

    private void HandOver(KeyRetry retry, ConsumeResult<byte[], byte[]> stored)
    {
        var (original, from, firstVersion) = RedirectFormat.Restore(stored, _partition.Id);
        var progress = retry.Progress ?? (from > 0 ? new RecordProgress(from, new(new MessagingException("It was redirected."), Index: null, Attempts: 0), _group.Context.Time.GetUtcNow()) : null);

        lock (_workers.Gate)
        {
            _isReading = false;

            // Of a key one record is under way at a time, but those of different keys do not come in the order of offsets: so they are numbered.
            if (!_isOver && _dispatch.TryTake(_given++, RecordSize.Of(original), new GroupRecord(_partition, original, firstVersion, progress, retry), out var taken))
            {
                _workers.Dispatch.Enqueue(_dispatch, taken, retry.Key);
            }
        }
    }

    private RecordProgress NotStored(RecordProgress? progress, RedirectException exception) => progress is null
        ? new(0, new(exception, Index: null, Attempts: 0) { NotSetAside = exception }, _group.Context.Time.GetUtcNow())
        : progress with { Failure = progress.Failure with { NotSetAside = exception } };

    // Called under the workers' lock.
    private void Wait() => _timer.Change(
        !_isOver && !_isReading && _underWay < _group.MaxConcurrency && _retries.NextDue is { } due ? TimeSpan.FromTicks(Math.Max(0, due - Now)) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed record RedirectedPlace(string Group, TopicPartition Source, long Offset, string Retries);

    private static partial class Log
    {
        public static void Redirected(ILogger logger, Exception? exception, RedirectedPlace place) =>
            Redirected(logger, exception, place.Group, place.Source.Topic, place.Source.Partition.Value, place.Offset, place.Retries);

        [LoggerMessage(1461, LogLevel.Error, "Consumer group {Group} could not handle topic {Topic}, partition {Partition}, offset {Offset}: it and the later events of its key go to {RetryTopic}, and are handled from there.")]
        private static partial void Redirected(ILogger logger, Exception? exception, string group, string topic, int partition, long offset, string retryTopic);

        [LoggerMessage(1462, LogLevel.Information, "Consumer group {Group} has handled all redirected events of a key of topic {Topic}, partition {Partition}, the last of offset {Offset}; the key goes on as others do.")]
        public static partial void Released(ILogger logger, string group, string topic, int partition, long offset);
    }
}
