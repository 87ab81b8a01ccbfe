using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Tests.EventSourcing.Copying.Simulation;

/// <summary>The store that is copied into: it accepts at exact versions, and remembers the newest append ids only.</summary>
internal sealed class SimTarget(int window)
{
    private readonly Dictionary<StreamId, List<SimStored>> _streams = [];
    private readonly Queue<(StreamId, AppendId, long Version)> _known = new();

    public IReadOnlyList<SimStored> EventsOf(StreamId stream) => _streams.GetValueOrDefault(stream) ?? [];

    /// <summary>Appends, and returns the version that the append ends with; <see langword="null"/> is a conflict.</summary>
    public long? Append(StreamId stream, long expected, AppendId id, IReadOnlyList<string> events)
    {
        foreach (var (knownStream, knownId, version) in _known)
        {
            if (knownStream == stream && knownId == id)
            {
                return version;
            }
        }

        if (!_streams.TryGetValue(stream, out var stored))
        {
            _streams.Add(stream, stored = []);
        }

        if (stored.Count != expected)
        {
            return null;
        }

        stored.AddRange(events.Select(one => new SimStored(one, id)));
        _known.Enqueue((stream, id, stored.Count));

        while (_known.Count > window)
        {
            _known.Dequeue();
        }

        return stored.Count;
    }
}

/// <summary>An event in the target.</summary>
internal readonly record struct SimStored(string EventId, AppendId Append);
