using System.Diagnostics;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Counts events as they come, and measures from the first to the last: joining a group is not part of the work.</summary>
internal sealed class Counting(int expected)
{
    private readonly TaskCompletionSource<Sample> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _cpu;
    private long _allocated;
    private long _started;
    private int _count;

    /// <summary>Gets what all events took, once the last has come.</summary>
    public Task<Sample> Done => _done.Task;

    public void Add()
    {
        var count = Interlocked.Increment(ref _count);

        if (count == 1)
        {
            (_cpu, _allocated, _started) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        }
        else if (count == expected)
        {
            _done.SetResult(new(expected, Stopwatch.GetElapsedTime(_started), Environment.CpuUsage.TotalTime - _cpu, GC.GetTotalAllocatedBytes() - _allocated));
        }
    }
}
