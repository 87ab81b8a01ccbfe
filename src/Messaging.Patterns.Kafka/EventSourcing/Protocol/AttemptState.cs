namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What the producer reported about a copy of a frame.</summary>
internal enum AttemptState
{
    /// <summary>Nothing yet.</summary>
    Sent,

    /// <summary>It is in the log at a known offset.</summary>
    Acknowledged,

    /// <summary>It may be in the log, or may still get there.</summary>
    Uncertain,

    /// <summary>It is not in the log and never will be.</summary>
    NotPersisted,
}
