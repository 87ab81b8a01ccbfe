using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>One append in the in-memory log.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Id">The append's id.</param>
/// <param name="FirstVersion">The version of its first event.</param>
/// <param name="Offset">Its place in the log.</param>
/// <param name="Events">Its events, at least one.</param>
internal sealed record StoredAppend(StreamId Stream, AppendId Id, long FirstVersion, long Offset, IReadOnlyList<StoredEvent> Events)
{
    public long LastVersion => FirstVersion + Events.Count - 1;

    public AppendResult ToResult() => new(LastVersion, InMemoryLog.PositionAt(Offset + 1));
}
