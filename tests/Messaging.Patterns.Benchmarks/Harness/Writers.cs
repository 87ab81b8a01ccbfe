namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Writers at the same time, each of which makes one call after another.</summary>
internal static class Writers
{
    /// <param name="count">How many there are.</param>
    /// <param name="calls">How many calls they make together.</param>
    /// <param name="call">A call, by its number; writer n of N makes the calls n, n + N, n + 2N and so on.</param>
    public static Task<Sample> RunAsync(int count, int calls, Func<int, Task> call) =>
        Sample.MeasureAsync(calls, () => Task.WhenAll(Enumerable.Range(0, count).Select(first => Task.Run(async () =>
        {
            for (var number = first; number < calls; number += count)
            {
                await call(number);
            }
        }))));
}
