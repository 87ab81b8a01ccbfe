using System.Diagnostics;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>Says every few seconds how a run goes.</summary>
internal sealed class Progress(ChaosRun run, Func<string> describe)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(Interval);

        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                Say(describe());
            }
        }
        catch (OperationCanceledException)
        {
            // The run goes on to its next phase.
        }
    }

    public void Say(string text) => Console.WriteLine(FormattableString.Invariant($"{Stopwatch.GetElapsedTime(run.Began).TotalSeconds,5:N0} s  {text}"));
}
