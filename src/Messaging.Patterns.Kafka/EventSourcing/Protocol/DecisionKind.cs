namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The kinds of answers to an append.</summary>
internal enum DecisionKind
{
    /// <summary>Its events are in the stream.</summary>
    Accepted,

    /// <summary>The stream did not meet the expectation; no copy was or will be accepted. Of a resolution: rejected.</summary>
    Conflict,

    /// <summary>The time was up or the caller gave up after a copy was handed over: it may have been or may still be accepted.</summary>
    Unknown,

    /// <summary>No copy was written.</summary>
    NotWritten,

    /// <summary>The caller gave up before anything could be written.</summary>
    Cancelled,

    /// <summary>The partition has stopped and nothing was written.</summary>
    Stopped,

    /// <summary>A resolution only: the frame was decided so long ago that the log must be read from its base, by <see cref="PendingRule"/>.</summary>
    ReadLog,
}
