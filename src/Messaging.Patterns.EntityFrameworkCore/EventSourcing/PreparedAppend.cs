using System.Text.Json;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>An append whose events are serialized.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">What is expected of its version.</param>
/// <param name="Id">The append's id, never empty.</param>
/// <param name="Events">Its events, at least one.</param>
internal sealed record PreparedAppend(StreamId Stream, ExpectedVersion Expected, AppendId Id, IReadOnlyList<StoredEvent> Events)
{
    private const string NoFrame = "The frame of the pending append is none of an event store on a database.";

    /// <summary>Gets the condition of <c>head.version</c> that the stream must meet; an exact version is the parameter <c>@expected</c>.</summary>
    public string Expectation => Expected.Exact is not null ? "head.version = @expected" : Expected == ExpectedVersion.Exists ? "head.version > 0" : "1 = 1";

    /// <summary>Returns what another process needs to make the append again, with the same result.</summary>
    public PendingAppend ToPending() => new()
    {
        Stream = Stream,
        Id = Id,
        FirstVersion = (Expected.Exact ?? 0) + 1,
        Count = Events.Count,
        Base = Position.Start,
        Frame = JsonSerializer.SerializeToUtf8Bytes(new Frame(Expected.Exact, Expected == ExpectedVersion.Exists, [.. Events.Select(Frozen.Of)])),
    };

    /// <summary>Returns the append that a pending one is made of.</summary>
    /// <exception cref="ArgumentException">Its frame is none.</exception>
    public static PreparedAppend From(PendingAppend pending)
    {
        try
        {
            var frame = JsonSerializer.Deserialize<Frame>(pending.Frame.Span) ?? throw new ArgumentException(NoFrame, nameof(pending));
            var expected = frame.Exact is { } exact ? ExpectedVersion.Exactly(exact) : frame.Exists ? ExpectedVersion.Exists : ExpectedVersion.Any;
            return new(pending.Stream, expected, pending.Id, [.. frame.Events.Select(one => one.ToStored())]);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException(NoFrame, nameof(pending), exception);
        }
    }

    private sealed record Frame(long? Exact, bool Exists, Frozen[] Events);

    private sealed record Frozen(string Id, string Type, string ContentType, DateTimeOffset Time, Dictionary<string, string> Metadata, byte[] Data)
    {
        public static Frozen Of(StoredEvent one) => new(one.Id, one.Raw.Type, one.Raw.ContentType, one.Time, EventAttributes.Of(one), one.Raw.Data.ToArray());

        public StoredEvent ToStored()
        {
            var (metadata, trace) = EventAttributes.Read(Metadata);
            return new(Id, new RawEvent(Type, Data, ContentType), Time, metadata) { Trace = trace };
        }
    }
}
