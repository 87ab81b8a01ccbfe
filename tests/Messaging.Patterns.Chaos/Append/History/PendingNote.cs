using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.History;

/// <summary>A pending append as a service would keep it over its restart.</summary>
internal sealed record PendingNote(string Stream, Guid Id, long FirstVersion, int Count, string Base, byte[] Frame)
{
    public static PendingNote Of(PendingAppend pending) =>
        new(pending.Stream.ToString(), pending.Id.Value, pending.FirstVersion, pending.Count, pending.Base.ToString(), pending.Frame.ToArray());

    public PendingAppend ToPending() => new()
    {
        Stream = StreamId.Parse(Stream),
        Id = new AppendId(Id),
        FirstVersion = FirstVersion,
        Count = Count,
        Base = Position.Parse(Base),
        Frame = Frame,
    };
}
