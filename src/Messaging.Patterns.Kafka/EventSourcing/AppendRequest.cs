using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>What the caller of an append asks for.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">What is expected of its version.</param>
/// <param name="Events">The events.</param>
/// <param name="Id">The caller's id, or none.</param>
/// <param name="Timeout">How long it may take.</param>
/// <param name="Started">When it was asked for, as a timestamp of the clock.</param>
/// <param name="CancellationToken">By which the caller gives up.</param>
internal readonly record struct AppendRequest(
    StreamId Stream,
    ExpectedVersion Expected,
    IReadOnlyList<EventData> Events,
    AppendId Id,
    TimeSpan Timeout,
    long Started,
    CancellationToken CancellationToken);
