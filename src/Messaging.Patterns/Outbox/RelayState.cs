using System.Collections.Immutable;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox;

/// <summary>How the relay is doing, for health checks, metrics and logs. Thread-safe.</summary>
internal sealed class RelayState
{
    private long _sent;
    private long _failed;
    private long _parked;
    private long _committed;
    private long _uncommitted;
    private int _isSendingBroken;
    private bool _isRunning;
    private Exception? _trouble;
    private ImmutableSortedSet<string> _missingTopics = [];

    public long Sent => Interlocked.Read(ref _sent);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Gets how many transactions were committed.</summary>
    public long Committed => Interlocked.Read(ref _committed);

    /// <summary>Gets how many were aborted, or their outcome is not known.</summary>
    public long Uncommitted => Interlocked.Read(ref _uncommitted);

    public long ParkedRows => Interlocked.Read(ref _parked);

    /// <summary>Gets whether the last thing heard of the broker was a failure.</summary>
    public bool IsSendingBroken => Volatile.Read(ref _isSendingBroken) == 1;

    /// <summary>Gets whether the tables were looked at, and are as they should be.</summary>
    public bool IsRunning => Volatile.Read(ref _isRunning);

    /// <summary>Gets what the database said last, if that was a failure.</summary>
    public Exception? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Gets the topics that do not exist, as far as rows were sent to them.</summary>
    public IReadOnlyCollection<string> MissingTopics => Volatile.Read(ref _missingTopics);

    public void Runs() => Volatile.Write(ref _isRunning, true);

    public void Works() => Volatile.Write(ref _trouble, null);

    public void Fails(Exception exception) => Volatile.Write(ref _trouble, exception);

    public void Count(RecordStatus status) => Interlocked.Increment(ref status == RecordStatus.Acknowledged ? ref _sent : ref _failed);

    public void Count(TransactionStatus status) => Interlocked.Increment(ref status == TransactionStatus.Committed ? ref _committed : ref _uncommitted);

    public void Parked() => Interlocked.Increment(ref _parked);

    /// <summary>A topic does not exist. Returns whether that is new.</summary>
    public bool Misses(string topic) => ImmutableInterlocked.Update(ref _missingTopics, static (all, one) => all.Add(one), topic);

    /// <summary>A topic is there after all, or nothing waits for it any more.</summary>
    public void Finds(string topic)
    {
        if (Volatile.Read(ref _missingTopics).Count > 0)
        {
            ImmutableInterlocked.Update(ref _missingTopics, static (all, one) => all.Remove(one), topic);
        }
    }

    public bool IsFirstFailure() => Volatile.Read(ref _isSendingBroken) == 0 && Interlocked.Exchange(ref _isSendingBroken, 1) == 0;

    public bool IsFirstSuccess() => Volatile.Read(ref _isSendingBroken) == 1 && Interlocked.Exchange(ref _isSendingBroken, 0) == 1;
}
