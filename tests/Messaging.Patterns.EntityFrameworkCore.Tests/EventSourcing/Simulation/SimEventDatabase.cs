using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing.Simulation;

/// <summary>The database: transactions that overlap and append to several streams, locks of streams, snapshots as PostgreSQL has them.</summary>
internal sealed class SimEventDatabase(SimRandom random)
{
    private readonly List<SimAppender> _open = [];
    private readonly SortedList<long, SimEvent> _committed = [];
    private readonly Dictionary<int, int> _versions = [];
    private ulong _nextTransaction = 10;
    private ulong _highestEnded = 9;
    private long _nextNumber = 1;

    /// <summary>Gets the events that are committed, in the order of their numbers.</summary>
    public IList<SimEvent> Committed => _committed.Values;

    public bool IsIdle => _open.Count == 0;

    public void Begin(IEnumerable<int> streams) => _open.Add(new(new(streams)));

    /// <summary>Returns what the statement that reads a snapshot answers. As in PostgreSQL, a snapshot ends behind the highest id that has ended, whoever has a higher one.</summary>
    public FeedSnapshot Snapshot(long known)
    {
        var end = _highestEnded + 1;
        var oldest = _open.Select(one => one.Transaction ?? end).Where(id => id < end).DefaultIfEmpty(end).Min();
        var highest = _committed.Count == 0 ? 0 : _committed.Keys[^1];
        return new(oldest, highest > known ? TakeId() : 0, highest);
    }

    public IEnumerable<SimEvent> Read(long from, long to)
    {
        for (var number = from; number <= to; number++)
        {
            if (_committed.TryGetValue(number, out var one))
            {
                yield return one;
            }
        }
    }

    /// <summary>A transaction does its next step, or rests.</summary>
    public void Step()
    {
        var one = random.Pick(_open);

        if (one.Drawn is { } number)
        {
            var stream = one.Streams.Dequeue();
            one.Events.Add(new(number, stream, _versions.GetValueOrDefault(stream) + 1 + one.Events.Count(other => other.Stream == stream)));
            one.Drawn = null;
        }
        else if (one.Transaction is null && random.Chance(30))
        {
            // The application wrote something else before it appends.
            one.Transaction = _nextTransaction++;
        }
        else if (one.Streams.TryPeek(out var next))
        {
            Draw(one, next);
        }
        else if (random.Chance(40))
        {
            End(one, isCommitted: random.Chance(75));
        }
    }

    // As the statement does: the lock, then the id of the transaction, then the number.
    private void Draw(SimAppender one, int stream)
    {
        if (_open.Exists(other => other != one && other.Locked.Contains(stream)))
        {
            return;
        }

        one.Locked.Add(stream);
        one.Transaction ??= _nextTransaction++;
        one.Drawn = _nextNumber++;
    }

    private ulong TakeId() => _highestEnded = _nextTransaction++;

    private void End(SimAppender one, bool isCommitted)
    {
        _open.Remove(one);
        _highestEnded = Math.Max(_highestEnded, one.Transaction ?? 0);

        foreach (var added in isCommitted ? one.Events : [])
        {
            _committed.Add(added.Number, added);
            _versions[added.Stream] = added.Version;
        }
    }

    /// <summary>A transaction.</summary>
    internal sealed class SimAppender(Queue<int> streams)
    {
        public Queue<int> Streams { get; } = streams;

        public List<int> Locked { get; } = [];

        public ulong? Transaction { get; set; }

        public long? Drawn { get; set; }

        public List<SimEvent> Events { get; } = [];
    }

    /// <summary>An event.</summary>
    internal sealed record SimEvent(long Number, int Stream, int Version);
}
