namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>Where an append is on its way.</summary>
internal enum AppendState
{
    /// <summary>Not submitted yet.</summary>
    New,

    /// <summary>In line behind the stream's append in flight.</summary>
    Queued,

    /// <summary>Waits for events of others: it expects a version that is not folded yet.</summary>
    Waiting,

    /// <summary>Has chosen its version; a copy of its frame is out, or about to be sent again.</summary>
    InFlight,

    /// <summary>Shares the answer of a pending append with the same id.</summary>
    Joined,

    /// <summary>Answered.</summary>
    Done,
}
