using System.Diagnostics;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>One client of a process: one call after another, at random.</summary>
internal sealed class StoreClient(StoreProcess process, int number)
{
    public const int PerProcess = 4;

    private const int MaxPauseMs = 80;
    private static readonly TimeSpan StreamsLast = TimeSpan.FromSeconds(8);
    private const int StreamsAtOnce = 6;

    private readonly Random _random = new(unchecked((process.Settings.Seed * 17) + number));

    public async Task RunAsync(CancellationToken stopping)
    {
        var (appends, reads) = (new AppendActions(process, _random), new ReadActions(process, _random));

        while (!stopping.IsCancellationRequested)
        {
            var action = _random.Next(100);

            if (process.Writer is null || (process.Reader is not null && action < 15))
            {
                await reads.ReadAsync(ChooseStream());
            }
            else if (action < 30)
            {
                await appends.RepeatAsync();
            }
            else if (action < 42)
            {
                await appends.ResolveAsync();
            }
            else if (process.Store is not null && action < 60)
            {
                await appends.DecideAsync(ChooseStream());
            }
            else
            {
                await appends.AppendAsync(ChooseStream());
            }

            await Task.Delay(_random.Next(MaxPauseMs), CancellationToken.None);
        }
    }

    /// <summary>Chooses one of the few streams that all processes use at the time. They change, so that they are new at times and never grow long.</summary>
    private string ChooseStream()
    {
        var epoch = (int)(Stopwatch.GetElapsedTime(process.Settings.Began) / StreamsLast) - (_random.Next(5) == 0 ? 1 : 0);
        return FormattableString.Invariant($"{StoreProcess.Category}-{epoch}.{_random.Next(StreamsAtOnce)}");
    }
}
