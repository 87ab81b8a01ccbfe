using System.Diagnostics;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Makes calls at a steady rate, whether or not earlier ones have ended.</summary>
internal static class Pace
{
    public static async Task RunAsync(int perSecond, int calls, Latencies latencies, Func<int, Task> call)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        var running = new List<Task>(calls);

        var started = Stopwatch.GetTimestamp();

        // Ticks that were missed count as one, and the rate is to hold all the same.
        for (var number = 0; number < calls; await timer.WaitForNextTickAsync())
        {
            for (var due = Math.Min(calls, perSecond * Stopwatch.GetElapsedTime(started).TotalSeconds); number < due; number++)
            {
                running.Add(TimeAsync(number, latencies, call));
            }
        }

        await Task.WhenAll(running);
    }

    private static async Task TimeAsync(int number, Latencies latencies, Func<int, Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await call(number);
        latencies.AddSince(started);
    }
}
