using System.Diagnostics;
using System.Globalization;
using Messaging.Patterns.Benchmarks.Benchmarks;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A process of its own for what is to be measured of a whole process: its memory, its start.</summary>
internal static class ChildProcess
{
    public const string Argument = "--child";

    /// <summary>Runs this program as a child, and returns the numbers that it writes, one a line.</summary>
    public static async Task<IReadOnlyList<double>> StartAsync(params string[] arguments)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(ChildProcess).Assembly.Location, Argument, .. arguments]) { RedirectStandardOutput = true })!;
        var numbers = new List<double>();

        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            if (double.TryParse(line, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
            else
            {
                Console.WriteLine(line);
            }
        }

        await child.WaitForExitAsync();
        return child.ExitCode == 0 ? numbers : throw new InvalidOperationException($"The child process ended with code {child.ExitCode}.");
    }

    /// <summary>Does what the parent asked for.</summary>
    public static Task RunAsync(string[] arguments) => arguments switch
    {
        [AppendMemoryBenchmark.ChildName, var bootstrapServers] => AppendMemoryBenchmark.RunChildAsync(new BenchmarkRun(bootstrapServers)),
        [RestoreLargeBenchmark.ChildName, var role, var bootstrapServers, var topic, var folder] =>
            RestoreLargeBenchmark.RunChildAsync(new BenchmarkRun(bootstrapServers), role, topic, folder),
        [OutboxLatencyBenchmark.ChildName, var bootstrapServers, var connectionString, var perSecond] =>
            OutboxLatencyBenchmark.RunChildAsync(new BenchmarkRun(bootstrapServers), connectionString, int.Parse(perSecond, CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"Unknown child '{string.Join(' ', arguments)}'.", nameof(arguments)),
    };

    /// <summary>Tells the parent a number.</summary>
    public static void Tell(double number) => Console.WriteLine(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Returns the resident memory of this process in MiB, once garbage is collected and given back.</summary>
    public static double ResidentMegabytes()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / (double)(1 << 20);
    }
}
