using System.Diagnostics;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>Reads of a client.</summary>
internal sealed class ReadActions(StoreProcess process, Random random)
{
    /// <summary>A reader that answers what it saw of a stream first.</summary>
    public const string StaleReader = "stale-reader";

    private readonly Dictionary<string, List<RecordedEvent>> _stale = new(StringComparer.Ordinal);

    public Task ReadAsync(string stream)
    {
        var from = random.Next(5) == 0 ? random.NextInt64(1, process.Known[stream] + 2) : 1;
        return random.Next(4) switch
        {
            0 => ReadAsync(stream, Freshness.Local, null, from),
            1 => ReadAsync(stream, Freshness.Session, PickPosition(), from),
            2 => ReadAsync(stream, Freshness.Linearizable, null, from),
            _ => ReadAsync(stream, Freshness.Strong, null, from),
        };
    }

    /// <summary>Reads, and returns whether there was an answer.</summary>
    public async Task<bool> ReadAsync(string stream, Freshness freshness, string? session, long from = 1)
    {
        var call = process.NextCall();
        process.Write(new ReadBegun(Stopwatch.GetTimestamp(), call, stream, freshness, session, from));
        var consistency = freshness switch
        {
            Freshness.Session => ReadConsistency.Session(Position.Parse(session!)),
            Freshness.Strong => ReadConsistency.Strong,
            Freshness.Linearizable => ReadConsistency.Linearizable,
            _ => ReadConsistency.Local,
        };

        try
        {
            var events = await process.Reader!.ReadStreamAsync(StreamId.Parse(stream), new() { Consistency = consistency, FromVersion = from }).ToListAsync();
            Write(call, process.Settings.Mutant == StaleReader && from == 1 ? MakeStale(stream, events) : events);
            return true;
        }
        catch (MessagingException exception) when (exception.IsTransient)
        {
            // The brokers are away; the read says nothing.
            return false;
        }
    }

    private void Write(int call, List<RecordedEvent> events)
    {
        var digest = new EventDigest();

        foreach (var recorded in events)
        {
            digest.Add(recorded.Stream.ToString(), recorded.Version, recorded.Id, ((Noted)recorded.Payload).Text, recorded.Position.ToString());
        }

        process.Write(new ReadEnded(Stopwatch.GetTimestamp(), call, digest.Count, events.Count > 0 ? events[^1].Version : 0, digest.Value));

        if (events.Count > 0)
        {
            process.Known.Heard(events[^1].Stream.ToString(), events[^1].Version);
        }
    }

    private List<RecordedEvent> MakeStale(string stream, List<RecordedEvent> events) =>
        _stale.TryGetValue(stream, out var first) ? first : _stale[stream] = events;

    /// <summary>Picks a position that some process was given.</summary>
    private string PickPosition() => process.Others.Pick<AppendEnded>(random, ended => ended.Position is not null)?.Position ?? "";
}
