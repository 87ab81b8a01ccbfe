using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>Counts what the journals of a run say so far.</summary>
internal sealed class AckCounter(ChaosRun run) : IDisposable
{
    private readonly JournalTails<Entry> _tails = new(run);

    public int Acknowledged { get; private set; }

    public int Unknown { get; private set; }

    public int Conflicts { get; private set; }

    public int Handled { get; private set; }

    public void Update()
    {
        foreach (var entry in _tails.ReadNew())
        {
            Count(entry);
        }
    }

    public void Dispose() => _tails.Dispose();

    private void Count(Entry entry)
    {
        switch (entry)
        {
            case AppendEnded { Answer: Answer.Accepted }:
                Acknowledged++;
                break;
            case AppendEnded { Answer: Answer.Unknown }:
                Unknown++;
                break;
            case AppendEnded { Answer: Answer.Conflict }:
                Conflicts++;
                break;
            case HandlingEnded:
                Handled++;
                break;
        }
    }
}
