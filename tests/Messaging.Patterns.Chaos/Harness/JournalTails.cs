namespace Messaging.Patterns.Chaos.Harness;

/// <summary>Follows the journals of all processes of a run.</summary>
/// <typeparam name="TEntry">What their lines are.</typeparam>
internal sealed class JournalTails<TEntry>(ChaosRun run) : IDisposable
{
    private readonly Dictionary<string, JournalTail<TEntry>> _tails = new(StringComparer.Ordinal);

    /// <summary>Returns the entries that came since the last time.</summary>
    public IEnumerable<TEntry> ReadNew()
    {
        foreach (var path in run.Journals)
        {
            if (!_tails.TryGetValue(path, out var tail))
            {
                _tails.Add(path, tail = new JournalTail<TEntry>(path));
            }

            foreach (var entry in tail.ReadNew())
            {
                yield return entry;
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
}
