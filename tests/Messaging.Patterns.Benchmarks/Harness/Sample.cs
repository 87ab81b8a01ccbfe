using System.Diagnostics;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>What a number of events cost: time, CPU of the whole process (librdkafka's threads too), allocations.</summary>
internal readonly record struct Sample(int Count, TimeSpan Elapsed, TimeSpan Cpu, long Allocated)
{
    public double PerSecond => Count / Elapsed.TotalSeconds;

    public double CpuMicroseconds => Cpu.TotalMicroseconds / Count;

    public double Bytes => (double)Allocated / Count;

    public static async Task<Sample> MeasureAsync(int count, Func<Task> work)
    {
        // What the side before left behind is not to be paid by this one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (cpu, allocated, started) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await work();
        return new(count, Stopwatch.GetElapsedTime(started), Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
    }

    public override string ToString() => FormattableString.Invariant($"{PerSecond,9:N0}/s {CpuMicroseconds,6:N2} us CPU {Bytes,6:N0} B");
}
