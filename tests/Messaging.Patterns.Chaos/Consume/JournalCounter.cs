using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>Counts what the journals of a run say so far.</summary>
internal sealed class JournalCounter(ChaosRun run) : IDisposable
{
    private readonly JournalTails<Entry> _tails = new(run);

    public int Published { get; private set; }

    public int Handled { get; private set; }

    public int Replayed { get; private set; }

    public int Orders { get; private set; }

    public void Update()
    {
        foreach (var entry in _tails.ReadNew())
        {
            switch (entry)
            {
                case History.Published:
                    Published++;
                    break;
                case HandlingBegun { IsReplay: true }:
                    Replayed++;
                    break;
                case HandlingEnded:
                    Handled++;
                    break;
                case Ordered { Error: null }:
                    Orders++;
                    break;
            }
        }
    }

    public void Dispose() => _tails.Dispose();
}
