using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>One assignment of a partition: the dispatch under a lock, and the worker that handles what it gives out.</summary>
/// <remarks>The poller adds, the worker takes, commits and rebalances look from threads of their own. A new assignment is a new object.</remarks>
internal sealed partial class GroupPartition : IDisposable
{
    // How long a handler may take to notice that its token is cancelled, before the partition leaves without it.
    private static readonly TimeSpan CancellationGrace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly ConsumerGroup _group;
    private readonly ConcurrentQueue<GroupPartition> _resumes;
    private readonly PartitionDispatch<ConsumeResult<byte[], byte[]>> _dispatch;
    private readonly RecordHandler _handler;
    private readonly CancellationTokenSource _leaving = new();
    private readonly ManualResetEventSlim _room = new(initialState: true);
    private Task _worker = Task.CompletedTask;
    private bool _isWorking;

    public GroupPartition(ConsumerGroup group, GroupTopic topic, int number, long? committed, ConcurrentQueue<GroupPartition> resumes)
    {
        (_group, Topic, Number, Committed, _resumes) = (group, topic, number, committed, resumes);
        _dispatch = new(group.Options.MaxWaitingRecords);
        _handler = new RecordHandler(group, topic, number, committed);
    }

    public GroupTopic Topic { get; }

    public int Number { get; }

    public TopicPartition Id => new(Topic.Name, Number);

    public string Name => $"{Topic.Name}:{Number}";

    /// <summary>Gets why the partition stopped, or <see langword="null"/>.</summary>
    public PartitionStoppedException? Failure { get; private set; }

    /// <summary>Gets or sets the offset that is committed, or <see langword="null"/> while there is none.</summary>
    public long? Committed { get; set; }

    /// <summary>Gets or sets the offset at which the partition ends, as far as the client knows.</summary>
    public long? End { get; set; }

    /// <summary>Gets how many records are not committed yet, if that is known.</summary>
    public long? Lag => End is { } end ? Math.Max(0, end - (Committed ?? 0)) : null;

    /// <summary>Gets whether fetching is paused.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_gate)
            {
                return _dispatch.IsPaused;
            }
        }
    }

    /// <summary>Gets the offset that may be committed and is not, or <see langword="null"/>.</summary>
    public long? Uncommitted
    {
        get
        {
            lock (_gate)
            {
                return _dispatch.Committable is { } next && next > (Committed ?? -1) ? next : null;
            }
        }
    }

    /// <summary>Takes a record that was fetched.</summary>
    /// <returns>Whether the partition can take more: not if it is full, or has stopped.</returns>
    public bool Add(ConsumeResult<byte[], byte[]> record)
    {
        lock (_gate)
        {
            _dispatch.Add(record.Offset.Value, record);

            if (!_dispatch.IsTaking)
            {
                _room.Reset();
            }

            if (!_isWorking && _dispatch.Waiting > 0)
            {
                _isWorking = true;
                var leaving = _leaving.Token;
                _worker = Task.Run(() => WorkAsync(leaving));
            }

            return _dispatch.IsTaking;
        }
    }

    /// <summary>The partition ends at an offset for now.</summary>
    public void ReachedEnd(long next)
    {
        lock (_gate)
        {
            _dispatch.ReachedEnd(next);
        }
    }

    /// <summary>Waits until so much is handled that more should be taken.</summary>
    /// <returns>Whether that is so within the limit.</returns>
    public bool WaitForRoom(TimeSpan limit) => Failure is null && _room.Wait(limit);

    /// <summary>Remembers that fetching is paused.</summary>
    public void Pause()
    {
        lock (_gate)
        {
            _dispatch.Pause();
            AskResume();
        }
    }

    /// <summary>Returns whether fetching is to go on, and takes it as done.</summary>
    public bool TryResume()
    {
        lock (_gate)
        {
            return _dispatch.TryResume();
        }
    }

    /// <summary>Stops, since the partition cannot be read on.</summary>
    public void Stop(string reason, Exception inner)
    {
        lock (_gate)
        {
            _dispatch.Stop();
            Failure ??= new(_group.Name, Topic.Name, Number, offset: null, reason, inner);
        }

        Log.Unreadable(_group.Context.Logger, inner, _group.Name, Topic.Name, Number, reason);
    }

    /// <summary>Gives out nothing more and waits for what is being handled, up to the limit; then cancels it.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="overdue">Cancelled when waiting must end at once.</param>
    public async Task DrainAsync(TimeSpan limit, CancellationToken overdue)
    {
        Task worker;

        lock (_gate)
        {
            _dispatch.Drain();
            worker = _worker;
        }

        if (!await EndsWithinAsync(worker, limit, overdue).ConfigureAwait(false))
        {
            await CancelAsync(worker).ConfigureAwait(false);
        }
    }

    /// <summary>Cancels what is being handled: the partition belongs to another member already, or must leave.</summary>
    public Task CancelAsync() => CancelAsync(_worker);

    /// <summary>Has left: whatever is still reported does not count.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _dispatch.Leave();
        }
    }

    public void Dispose()
    {
        _leaving.Dispose();
        _room.Dispose();
    }

    private async Task CancelAsync(Task worker)
    {
        await _leaving.CancelAsync().ConfigureAwait(false);

        if (!await EndsWithinAsync(worker, CancellationGrace, CancellationToken.None).ConfigureAwait(false))
        {
            Log.HandlerIgnoresCancellation(_group.Context.Logger, _group.Name, Topic.Name, Number);
        }
    }

    private async Task<bool> EndsWithinAsync(Task worker, TimeSpan limit, CancellationToken overdue)
    {
        try
        {
            await worker.WaitAsync(limit, _group.Context.Time, overdue).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task WorkAsync(CancellationToken leaving)
    {
        while (TryBegin(out var work))
        {
            try
            {
                await _handler.HandleAsync(work.Record, leaving).ConfigureAwait(false);
                Complete(work);
            }
            catch (Exception exception) when (leaving.IsCancellationRequested)
            {
                // Cancelled is not done: the record comes again, to whoever has the partition then.
                Log.Cancelled(_group.Context.Logger, exception, _group.Name, Topic.Name, Number, work.Offset);
                Abandon(work);
            }
            catch (Exception exception)
            {
                Fail(work, exception);
            }
        }
    }

    private bool TryBegin(out PartitionWork<ConsumeResult<byte[], byte[]>> work)
    {
        lock (_gate)
        {
            _isWorking = _dispatch.TryBegin(out work);

            if (_dispatch.HasRoom)
            {
                _room.Set();
                AskResume();
            }

            return _isWorking;
        }
    }

    private void AskResume()
    {
        if (_dispatch.AskResume())
        {
            _resumes.Enqueue(this);
        }
    }

    private void Complete(in PartitionWork<ConsumeResult<byte[], byte[]>> work)
    {
        lock (_gate)
        {
            if (_dispatch.Complete(work))
            {
                return;
            }
        }

        Log.CompletedLate(_group.Context.Logger, _group.Name, Topic.Name, Number, work.Offset);
    }

    private void Abandon(in PartitionWork<ConsumeResult<byte[], byte[]>> work)
    {
        lock (_gate)
        {
            _dispatch.Fail(work);
        }
    }

    private void Fail(in PartitionWork<ConsumeResult<byte[], byte[]>> work, Exception exception)
    {
        lock (_gate)
        {
            if (!_dispatch.Fail(work))
            {
                return;
            }

            var reason = exception is RecordRefusedException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
            Failure ??= new(_group.Name, Topic.Name, Number, work.Offset, reason, exception);
        }

        Log.Stopped(_group.Context.Logger, exception, _group.Name, Topic.Name, Number, work.Offset);
    }
}
