using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>In the end every store, fresh or restored from its file, holds what a fold of the log gives.</summary>
internal static class StoreCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index)
    {
        var parts = index.Accepted.GroupBy(index.PartOf).ToDictionary(part => part.Key, part => part.ToList());

        foreach (var (process, told) in history.Probes)
        {
            if (told.Version != index.VersionOf(told.Stream))
            {
                yield return new(ViolationKind.Lost, $"{process} holds version {told.Version} of {told.Stream}, but the log has {index.VersionOf(told.Stream)}", told.Stream, told.At);
            }
        }

        foreach (var (process, told) in history.Feeds)
        {
            var digest = new EventDigest();

            foreach (var frame in parts.GetValueOrDefault(told.Part) ?? [])
            {
                foreach (var one in frame.Events)
                {
                    digest.Add(frame.Stream, one.Version, one.Id, one.Text, index.PositionOf(frame));
                }
            }

            if (told.Count != digest.Count || told.Digest != digest.Value)
            {
                yield return new(ViolationKind.Lost, $"{process} holds {told.Count} events of {told.Part} that are not the {digest.Count} of the log", At: told.At);
            }
        }

        foreach (var process in history.Feeds.GroupBy(feed => feed.Process))
        {
            foreach (var part in parts.Keys.Except(process.Select(feed => feed.Told.Part)))
            {
                yield return new(ViolationKind.Lost, $"{process.Key} holds nothing of {part}");
            }
        }
    }
}
