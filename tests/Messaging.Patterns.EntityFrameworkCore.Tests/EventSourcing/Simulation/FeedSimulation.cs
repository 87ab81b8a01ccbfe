using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing.Simulation;

/// <summary>One seeded history: transactions that append, a reader that follows, and one that ends where the store ended when it began.</summary>
public static class FeedSimulation
{
    private const int Streams = 4;
    private const int Steps = 300;

    /// <summary>Plays histories until one violates an invariant, and returns which; an empty text if none does. Mutants are called by it.</summary>
    public static string FindViolations(int from, int count) =>
        Enumerable.Range(from, count).Select(seed => Play(seed)).FirstOrDefault(found => found.Length > 0) ?? "";

    /// <summary>Plays a history and returns the invariant that it violates, or an empty text.</summary>
    public static string Play(long seed)
    {
        var random = new SimRandom(seed);
        var database = new SimEventDatabase(random);
        var following = new Reader(database, isFollowing: true);
        Reader? ending = null;

        for (var step = 0; step < Steps || !database.IsIdle || !following.HasAll || ending is { IsAtEnd: false }; step++)
        {
            if (step > 100 * Steps)
            {
                return $"Progress: seed {seed}.";
            }

            if (step < Steps && random.Chance(12))
            {
                // In one order, so that no two wait for each other.
                database.Begin(Enumerable.Range(0, random.Below(4)).Select(_ => random.Below(Streams)).Distinct().Order());
            }

            if (!database.IsIdle)
            {
                database.Step();
            }

            ending ??= step > Steps / 2 ? new Reader(database, isFollowing: false) : null;
            Act(random.Pick<Reader>(ending is null ? [following] : [following, ending]), random);
        }

        var fault = following.Check() ?? ending!.Check();
        return fault is null ? "" : $"{fault}: seed {seed}.";
    }

    private static void Act(Reader reader, SimRandom random)
    {
        if (random.Chance(50))
        {
            reader.Observe();
        }
        else
        {
            reader.Read();
        }
    }

    private sealed class Reader(SimEventDatabase database, bool isFollowing)
    {
        private readonly FeedCursor _cursor = new(1, isFollowing);
        private readonly List<SimEventDatabase.SimEvent> _read = [];
        private List<SimEventDatabase.SimEvent>? _atBegin;

        public bool IsAtEnd => _cursor.IsAtEnd;

        public bool HasAll => _read.Count >= database.Committed.Count;

        // What is visible when the read begins is what it must bring.
        public void Observe()
        {
            _atBegin ??= [.. database.Committed];
            _cursor.Observe(database.Snapshot(_cursor.Known));
        }

        public void Read()
        {
            _read.AddRange(database.Read(_cursor.Next, _cursor.Last));
            _cursor.Read();
        }

        public string? Check() =>
            _read.Distinct().Count() != _read.Count ? "Once"
            : _read.GroupBy(one => one.Stream).Any(stream => !stream.Select(one => one.Version).SequenceEqual(Enumerable.Range(1, stream.Count()))) ? "Order"
            : isFollowing && !HasAll ? "Complete"
            : !isFollowing && _atBegin!.Except(_read).Any() ? "Begin"
            : null;
    }
}
