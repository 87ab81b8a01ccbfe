using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>An append that the fold accepted.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Id">The append.</param>
/// <param name="LastVersion">The stream's version after it.</param>
/// <param name="Offset">The offset of the accepted frame.</param>
internal readonly record struct AcceptedAppend(StreamKey Stream, AppendId Id, long LastVersion, long Offset);
