using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>What the processes of a run, living and dead, wrote of late: what a retry of a client would come with, or a service find after its restart.</summary>
internal sealed class OtherJournals(string folder)
{
    private const int Recent = 24 << 10;

    /// <summary>Picks an entry of some process's latest, or returns <see langword="null"/>.</summary>
    public TEntry? Pick<TEntry>(Random random, Func<TEntry, bool> condition)
        where TEntry : Entry
    {
        var paths = Directory.GetFiles(folder, $"*{Journal.Extension}");
        var entries = Journal.ReadLast<Entry>(paths[random.Next(paths.Length)], Recent).OfType<TEntry>().Where(condition).ToList();
        return entries.Count > 0 ? entries[random.Next(entries.Count)] : null;
    }

    /// <summary>Returns all entries of a kind.</summary>
    public IEnumerable<TEntry> All<TEntry>()
        where TEntry : Entry =>
        Directory.GetFiles(folder, $"*{Journal.Extension}").SelectMany(Journal.Read<Entry>).OfType<TEntry>();
}
