using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Tests.EventSourcing.Copying.Simulation;

/// <summary>The store that is copied: a feed of appends of several events, which grows while it is read.</summary>
internal sealed class SimSource(SimRandom random, int streams)
{
    private readonly Dictionary<StreamId, List<SimStored>> _streams = [];
    private int _appends;

    /// <summary>Gets all events in the order of the feed.</summary>
    public List<RecordedEvent> Feed { get; } = [];

    public IEnumerable<StreamId> Streams => _streams.Keys;

    public IReadOnlyList<SimStored> EventsOf(StreamId stream) => _streams.GetValueOrDefault(stream) ?? [];

    public static long PlaceOf(Position position) => position.Next("sim");

    public void Append()
    {
        var stream = new StreamId("s", $"{random.Below(streams)}");
        var id = new AppendId(new Guid(++_appends, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));

        if (!_streams.TryGetValue(stream, out var stored))
        {
            _streams.Add(stream, stored = []);
        }

        foreach (var index in Enumerable.Range(0, random.Between(1, 3)))
        {
            var eventId = $"{_appends}-{index}";
            stored.Add(new(eventId, id));
            Feed.Add(new RecordedEvent
            {
                Stream = stream,
                Version = stored.Count,
                Id = eventId,
                Type = "happened",
                Time = DateTimeOffset.UnixEpoch,
                Position = Position.At("sim", _appends),
                Payload = new RawEvent("happened", default),

                // Some stores have none.
                AppendId = stream.Id == "0" ? default : id,
            });
        }
    }
}
