using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>Counts what the journals of a run say so far.</summary>
internal sealed class AckCounter(ChaosRun run) : IDisposable
{
    private readonly Dictionary<string, JournalTail<Entry>> _tails = new(StringComparer.Ordinal);

    public int Acknowledged { get; private set; }

    public int Unknown { get; private set; }

    public int Conflicts { get; private set; }

    public int Handled { get; private set; }

    public HashSet<string> Started { get; } = new(StringComparer.Ordinal);

    public void Update()
    {
        foreach (var path in run.Journals)
        {
            if (!_tails.TryGetValue(path, out var tail))
            {
                _tails.Add(path, tail = new JournalTail<Entry>(path));
            }

            foreach (var entry in tail.ReadNew())
            {
                Count(entry, Path.GetFileName(path));
            }
        }
    }

    public void Dispose()
    {
        foreach (var tail in _tails.Values)
        {
            tail.Dispose();
        }
    }

    private void Count(Entry entry, string journal)
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
            case History.Ready:
                Started.Add(journal[..journal.IndexOf('.', StringComparison.Ordinal)]);
                break;
        }
    }
}
