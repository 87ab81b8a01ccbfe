using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>The workers of a member: as many as there is work for, up to the limit, on the thread pool. Each takes what is ready next, whatever its key.</summary>
internal sealed class GroupWorkers : IDisposable
{
    // A worker whose handlers never wait lets other work of the thread pool in between.
    private const int YieldAfter = 64;

    private static readonly TimeSpan RoomCheck = TimeSpan.FromMilliseconds(20);

    // So long workers may catch up with the poller: fast ones need less, and slow ones do not hold it up.
    private static readonly TimeSpan CatchUpTime = TimeSpan.FromMilliseconds(5);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ManualResetEventSlim _room = new();
    private readonly ITimer _timer;
    private readonly bool _isLingering;
    private readonly Action<Exception> _failed;
    private PartitionDispatch<GroupRecord>? _waitsForRoom;
    private bool _waitsForCatchUp;
    private long? _wakesAt;

    /// <summary>Makes the workers of a member.</summary>
    /// <param name="settings">How it dispatches.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Called when a worker ends against its will, which is a fault of the library.</param>
    public GroupWorkers(DispatchSettings settings, TimeProvider time, Action<Exception> failed)
    {
        (_time, _started, _failed) = (time, time.GetTimestamp(), failed);
        Dispatch = new(settings);
        _isLingering = settings.BatchTimeout > 0;
        _timer = time.CreateTimer(static workers => ((GroupWorkers)workers!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the lock under which <see cref="Dispatch"/>, and the partitions that it assigns, are used.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Gets what decides who handles what.</summary>
    public MemberDispatch<GroupRecord> Dispatch { get; }

    /// <summary>Sets how many handler calls run at once from now on.</summary>
    public void SetMaxConcurrency(int workers)
    {
        lock (Gate)
        {
            Dispatch.MaxConcurrency = workers;
        }

        Start();
    }

    /// <summary>Starts a worker if there is work for one more.</summary>
    public void Start()
    {
        bool starts;

        lock (Gate)
        {
            Tick();
            starts = Dispatch.TryStartWorker();
        }

        LaunchIf(starts);
    }

    /// <summary>Waits until a partition can take more.</summary>
    /// <returns>Whether it can, within the limit.</returns>
    public bool WaitForRoom(PartitionDispatch<GroupRecord> partition, TimeSpan limit, CancellationToken stopping)
    {
        for (var started = _time.GetTimestamp(); ;)
        {
            lock (Gate)
            {
                if (partition.CanTake || !partition.IsOpen || stopping.IsCancellationRequested || _time.GetElapsedTime(started) >= limit)
                {
                    _waitsForRoom = null;
                    return partition.CanTake;
                }

                _waitsForRoom = partition;
                _room.Reset();
            }

            // Now and then it looks itself: less than what is worth waking it for may be free.
            _room.Wait(RoomCheck, CancellationToken.None);
        }
    }

    /// <summary>Lets workers catch up, for a moment, if much is ready: what waits long in memory outlives collections, which costs more than handling it.</summary>
    public void LetCatchUp()
    {
        lock (Gate)
        {
            if (!Dispatch.IsAhead)
            {
                return;
            }

            _waitsForCatchUp = true;
            _room.Reset();
        }

        _room.Wait(CatchUpTime);

        lock (Gate)
        {
            _waitsForCatchUp = false;
        }
    }

    /// <summary>Room became free. Called under <see cref="Gate"/>.</summary>
    public void Freed()
    {
        if (_waitsForRoom is { HasRoom: true } or { IsOpen: false } || (_waitsForCatchUp && Dispatch.IsCaughtUp))
        {
            _room.Set();
        }
    }

    /// <summary>Tells what decides what time it is, and sees to it that it is told again when that matters. Called under <see cref="Gate"/>.</summary>
    public void Tick()
    {
        if (!_isLingering && _wakesAt is null && Dispatch.NextDue is null)
        {
            return;
        }

        Dispatch.Advance(_time.GetElapsedTime(_started).Ticks);

        if (Dispatch.NextDue != _wakesAt)
        {
            _wakesAt = Dispatch.NextDue;
            _timer.Change(_wakesAt is { } due ? TimeSpan.FromTicks(due - Dispatch.Now) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _room.Dispose();
    }

    // A timer may be a little early; then it is set again.
    private void Wake()
    {
        lock (Gate)
        {
            _wakesAt = null;
        }

        Start();
    }

    private async Task WorkAsync()
    {
        try
        {
            var batch = new WorkBatch<GroupRecord>();
            var goesOn = TryBegin(batch, isFirst: true);

            for (var done = 1; goesOn; done++)
            {
                var partition = batch[0].Record.Partition;

                await partition.HandleAsync(batch).ConfigureAwait(false);
                goesOn = batch.IsDone ? CompleteAndBegin(batch, partition) : FailAndBegin(batch, partition);

                if (goesOn && done % YieldAfter == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (Exception exception)
        {
            // What handlers throw does not come here.
            _failed(exception);
        }
    }

    private bool CompleteAndBegin(WorkBatch<GroupRecord> batch, GroupPartition partition)
    {
        bool begins, starts, counts;
        var offset = batch[0].Record.Result.Offset.Value;

        lock (Gate)
        {
            counts = Dispatch.Return(batch);
            partition.Returned();
            (begins, starts) = Begin(batch, isFirst: false);
        }

        if (!counts)
        {
            partition.DoneLate(offset);
        }

        LaunchIf(starts);
        return begins;
    }

    private bool FailAndBegin(WorkBatch<GroupRecord> batch, GroupPartition partition)
    {
        bool counts;

        lock (Gate)
        {
            // From now on it is counted how long the key waits.
            Dispatch.Advance(_time.GetElapsedTime(_started).Ticks);
            counts = Dispatch.Return(batch);
            partition.Returned();
        }

        partition.Failed(batch, counts);
        return TryBegin(batch, isFirst: false);
    }

    private bool TryBegin(WorkBatch<GroupRecord> batch, bool isFirst)
    {
        bool begins, starts;

        lock (Gate)
        {
            (begins, starts) = Begin(batch, isFirst);
        }

        LaunchIf(starts);
        return begins;
    }

    private (bool Begins, bool Starts) Begin(WorkBatch<GroupRecord> batch, bool isFirst)
    {
        var begins = Dispatch.TryBegin(batch, isFirst);
        var starts = begins && Dispatch.TryStartWorker();
        Tick();
        return (begins, starts);
    }

    private void LaunchIf(bool starts)
    {
        if (starts)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static workers => _ = workers.WorkAsync(), this, preferLocal: false);
        }
    }
}
