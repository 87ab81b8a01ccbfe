using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>What lies in the columns of a row.</summary>
internal static class EventRows
{
    /// <summary>The name by which events of a store are told from those of topics, where they are handled alike.</summary>
    public const string Topic = "events";

    // As the place of a record in partition 0 of a topic.
    private const string Part = $"{Topic}:0";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>Returns the place up to and including the append with a number.</summary>
    public static Position PositionOf(long number) => Position.At(Part, number + 1);

    /// <summary>Returns the smallest number that a position does not cover.</summary>
    public static long NextOf(Position position) => Math.Max(1, position.Next(Part));

    /// <summary>Returns the values of the columns that hold an event itself.</summary>
    public static (string Property, object Value)[] ValuesOf(StoredEvent one) =>
    [
        (nameof(EventRow.EventId), one.Id),
        (nameof(EventRow.Type), one.Raw.Type),
        (nameof(EventRow.Time), one.Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)),
        (nameof(EventRow.ContentType), one.Raw.ContentType),
        (nameof(EventRow.Metadata), EventAttributes.Write(one)),
        (nameof(EventRow.Data), BytesOf(one.Raw.Data)),
    ];

    /// <summary>Returns the event of a row.</summary>
    public static StoredEvent EventOf(EventRow row)
    {
        var (metadata, trace) = EventAttributes.Read(row.Metadata);
        var time = DateTime.ParseExact(row.Time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return new(row.EventId, new RawEvent(row.Type, row.Data, row.ContentType), new DateTimeOffset(time), metadata) { AppendId = new AppendId(row.AppendId), Trace = trace };
    }

    /// <summary>Returns where an event comes from, for its handlers.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="index">Its place in its append.</param>
    /// <param name="group">Who handles it.</param>
    /// <param name="attempt">How often it is handed over with this time.</param>
    public static EventContext ContextOf(RecordedEvent recorded, int index, string group, int attempt) => new()
    {
        Group = group,
        EventId = recorded.Id,
        EventType = recorded.Type,
        Time = recorded.Time,
        Topic = Topic,
        Partition = 0,
        Offset = NumberOf(recorded),
        Index = index,
        Key = Encoding.UTF8.GetBytes(recorded.Stream.ToString()),
        Stream = recorded.Stream,
        Version = recorded.Version,
        Metadata = recorded.Metadata,
        Attempt = attempt,
        Trace = recorded.Trace,
    };

    /// <summary>Returns the number of the append that an event belongs to.</summary>
    public static long NumberOf(RecordedEvent recorded) => NextOf(recorded.Position) - 1;

    private static byte[] BytesOf(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : data.ToArray();
}
