using System.Diagnostics;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>How long each of a number of calls took.</summary>
internal sealed class Latencies
{
    private readonly List<double> _microseconds = [];

    public double P50 => At(0.50);

    public double P99 => At(0.99);

    /// <summary>Adds a call that began at a timestamp of <see cref="Stopwatch"/> and has ended just now.</summary>
    public void AddSince(long started)
    {
        var elapsed = Stopwatch.GetElapsedTime(started).TotalMicroseconds;

        lock (_microseconds)
        {
            _microseconds.Add(elapsed);
        }
    }

    public override string ToString() => FormattableString.Invariant($"p50 {P50,8:N1} us  p99 {P99,8:N1} us");

    private double At(double share)
    {
        var sorted = _microseconds.Order().ToList();
        return sorted[(int)(share * (sorted.Count - 1))];
    }
}
