namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A small, fast, seeded generator (SplitMix64), so that a seed replays on every machine and runtime.</summary>
internal sealed class SimRandom(long seed)
{
    private ulong _state = (ulong)seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019;

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Returns a number from 0 up to but not including a limit.</summary>
    public int Below(int limit) => (int)(NextUInt64() % (uint)limit);

    /// <summary>Returns a number from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public int Between(int from, int to) => from + Below(to - from + 1);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];
}
