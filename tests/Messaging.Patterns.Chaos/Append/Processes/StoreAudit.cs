using System.Diagnostics;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>What a process does when all is over: it settles what is unknown, and says what it holds.</summary>
internal sealed class StoreAudit(StoreProcess process)
{
    private const int AtOnce = 8;
    private const int MaxResolved = 1_000;
    private static readonly TimeSpan ResolvePatience = TimeSpan.FromSeconds(30);

    // No stream ever gets there, so the answer is a conflict that names the version which the writer holds.
    private static readonly ExpectedVersion Unreachable = ExpectedVersion.Exactly(long.MaxValue - 1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var random = new Random(process.Settings.Seed);

        if (process.Writer is not null)
        {
            await ResolveAsync(new AppendActions(process, random), cancellationToken);
        }

        var streams = process.Others.All<AppendBegun>().Select(begun => begun.Work.Stream).Distinct().ToList();

        foreach (var stream in streams)
        {
            await TellAsync(stream, new ReadActions(process, random), cancellationToken);
        }

        if (process.Feed is not null)
        {
            await TellFeedAsync(cancellationToken);
        }
    }

    /// <summary>Returns the version that a writer holds of a stream. Nothing is written.</summary>
    public static async Task<long> ProbeAsync(IEventWriter writer, StreamId stream, CancellationToken cancellationToken)
    {
        try
        {
            await writer.AppendAsync(stream, Unreachable, Noted.Many("none", 1), cancellationToken: cancellationToken);
            throw new InvalidOperationException($"An append to '{stream}' that nothing allows was accepted.");
        }
        catch (StreamConflictException conflict)
        {
            return conflict.Actual;
        }
    }

    /// <summary>Settles unknown outcomes: all that nobody settled yet, and others once more.</summary>
    private async Task ResolveAsync(AppendActions appends, CancellationToken cancellationToken)
    {
        var unknown = process.Others.All<AppendEnded>().Where(ended => ended.Pending is not null).Select(ended => ended.Pending!).Reverse().ToList();
        var settled = SettledIds();
        var wanted = unknown.Where(pending => !settled.Contains(pending.Id)).Concat(unknown.Where(pending => settled.Contains(pending.Id)).Take(MaxResolved));
        await Parallel.ForEachAsync(
            wanted,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (pending, _) => await appends.ResolveAsync(pending, ResolvePatience));
    }

    private HashSet<Guid> SettledIds()
    {
        var begun = new Dictionary<int, Guid>();
        var settled = new HashSet<Guid>();

        foreach (var path in Directory.GetFiles(process.Settings.Folder, $"*{Harness.Journal.Extension}"))
        {
            begun.Clear();

            foreach (var entry in Harness.Journal.Read<Entry>(path))
            {
                if (entry is ResolveBegun resolve)
                {
                    begun[resolve.Call] = resolve.Pending.Id;
                }
                else if (entry is ResolveEnded { Answer: not Answer.None } ended)
                {
                    settled.Add(begun[ended.Call]);
                }
            }
        }

        return settled;
    }

    private async Task TellAsync(string stream, ReadActions reads, CancellationToken cancellationToken)
    {
        if (process.Writer is not null)
        {
            process.Write(new VersionProbed(Stopwatch.GetTimestamp(), stream, await ProbeAsync(process.Writer, StreamId.Parse(stream), cancellationToken)));
        }

        if (process.Reader is not null && !await reads.ReadAsync(stream, Freshness.Strong, null))
        {
            throw new InvalidOperationException($"Stream '{stream}' could not be read though all faults are over.");
        }
    }

    private async Task TellFeedAsync(CancellationToken cancellationToken)
    {
        var parts = new Dictionary<string, EventDigest>(StringComparer.Ordinal);

        await foreach (var recorded in process.Feed!.ReadAllAsync(Position.Start, cancellationToken: cancellationToken))
        {
            var part = recorded.Position.Parts.Single();
            parts.TryAdd(part, new EventDigest());
            parts[part].Add(recorded.Stream.ToString(), recorded.Version, recorded.Id, ((Noted)recorded.Payload).Text, recorded.Position.ToString());
        }

        foreach (var (part, digest) in parts)
        {
            process.Write(new FeedRead(Stopwatch.GetTimestamp(), part, digest.Count, digest.Value));
        }
    }
}
