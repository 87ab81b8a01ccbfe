namespace Messaging.Patterns.EventSourcing;

/// <summary>An append whose outcome is unknown: everything that <see cref="IEventWriter.ResolveAsync"/> needs to settle it, also in another process.</summary>
public sealed record PendingAppend
{
    /// <summary>Gets the stream.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>Gets the append's id.</summary>
    public required AppendId Id { get; init; }

    /// <summary>Gets the version that the append's first event has if it was accepted, 1 or more.</summary>
    public required long FirstVersion { get; init; }

    /// <summary>Gets the number of events.</summary>
    public required int Count { get; init; }

    /// <summary>Gets a place in the log before which the append cannot have been accepted.</summary>
    public required Position Base { get; init; }

    /// <summary>Gets the record as it was sent, to be sent again until it is decided. Empty when it was not kept: resolving may then answer "undecided".</summary>
    public ReadOnlyMemory<byte> Frame { get; init; }
}
