using System.Diagnostics;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Makes calls at a steady rate, whether or not earlier ones have ended.</summary>
internal static class Pace
{
    public static async Task RunAsync(int perSecond, int calls, Latencies latencies, Func<int, Task> call)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        var running = new List<Task>(calls);

        for (var number = 0; number < calls; number++)
        {
            await timer.WaitForNextTickAsync();
            running.Add(TimeAsync(number, latencies, call));
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
