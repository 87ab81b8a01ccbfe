using System.Diagnostics;

namespace Messaging.Patterns.Chaos.Faults;

/// <summary>Causes faults of a few kinds one after another, with calm between them; lanes run beside each other.</summary>
internal sealed class FaultLane(IReadOnlyList<Fault> faults, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<CausedFault> _caused = [];
    private volatile FaultSite? _site;

    /// <summary>Gets the faults that were caused and taken back.</summary>
    public IReadOnlyList<CausedFault> Caused => _caused;

    /// <summary>Gets what is being done now, or <see langword="null"/> in calm.</summary>
    public string? Current => _site?.Text;

    /// <summary>Causes faults until no more are wanted; the last one is taken back then.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        var calm = new FaultSite(_random, ended);
        await calm.HoldAsync(0.2, 2);

        while (!ended.IsCancellationRequested)
        {
            var fault = Choose();
            var from = Stopwatch.GetTimestamp();
            var site = new FaultSite(_random, ended);
            _site = site;
            await fault.CauseAsync(site);
            _caused.Add(new CausedFault(fault.Name, site.Text, from, Stopwatch.GetTimestamp()));
            _site = null;
            await calm.HoldAsync(0.3, 7);
        }
    }

    private Fault Choose()
    {
        var at = _random.Next(faults.Sum(fault => fault.Weight));
        return faults.First(fault => (at -= fault.Weight) < 0);
    }
}
