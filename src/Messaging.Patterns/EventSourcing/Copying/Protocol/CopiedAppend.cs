namespace Messaging.Patterns.EventSourcing.Copying.Protocol;

/// <summary>An append of the source, to be made in the target as it was.</summary>
/// <param name="events">Its events, in order, at least one; payloads are raw.</param>
internal sealed class CopiedAppend(IReadOnlyList<RecordedEvent> events)
{
    public IReadOnlyList<RecordedEvent> Events { get; } = events;

    public StreamId Stream => Events[0].Stream;

    public long FirstVersion => Events[0].Version;

    public long LastVersion => Events[^1].Version;

    /// <summary>Gets the place in the source up to and including the append.</summary>
    public Position Position => Events[0].Position;

    /// <summary>Gets the append's id. A source that has none still gives the same one each time.</summary>
    public AppendId Id => Events[0].AppendId is { IsEmpty: false } id ? id : AppendId.From($"{Stream}@{FirstVersion}");

    /// <summary>Gets or sets whether the target has it.</summary>
    public bool IsDone { get; set; }

    public override string ToString() => $"append {Id} of {Events.Count} events as version {FirstVersion}";
}
