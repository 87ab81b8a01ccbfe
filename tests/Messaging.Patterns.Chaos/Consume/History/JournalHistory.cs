using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.History;

/// <summary>Joins the lines of journals to calls with their ends.</summary>
internal static class JournalHistory
{
    public static ConsumeHistory Read(IEnumerable<string> paths)
    {
        var all = paths.SelectMany(path => Journal.Read<Entry>(path).Select(entry => (Process: Path.GetFileNameWithoutExtension(path), Entry: entry))).ToList();
        return new ConsumeHistory
        {
            Published = Of<Published>(all),
            Plans = Of<RewindPlanned>(all),
            Orders = Of<Ordered>(all),
            Broken = Of<Broken>(all),
            Handlings = [.. all.GroupBy(one => one.Process).SelectMany(one => Handlings(one.Key, one.Select(line => line.Entry)))],
        };
    }

    private static IReadOnlyList<(string Process, TEntry Told)> Of<TEntry>(IEnumerable<(string Process, Entry Entry)> all)
        where TEntry : Entry => [.. all.Where(one => one.Entry is TEntry).Select(one => (one.Process, (TEntry)one.Entry))];

    private static List<Handling> Handlings(string process, IEnumerable<Entry> entries)
    {
        var (handlings, open) = (new List<Handling>(), new Dictionary<(int, long, long), int>());

        foreach (var entry in entries)
        {
            if (entry is HandlingBegun begun)
            {
                open[(begun.Partition, begun.Offset, begun.Epoch)] = handlings.Count;
                handlings.Add(new Handling(process, begun, long.MaxValue));
            }
            else if (entry is HandlingEnded ended && open.Remove((ended.Partition, ended.Offset, ended.Epoch), out var index))
            {
                handlings[index] = handlings[index] with { Ended = ended.At };
            }
        }

        return handlings;
    }
}
