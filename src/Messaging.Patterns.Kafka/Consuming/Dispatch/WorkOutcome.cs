namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>What became of a record that was given out.</summary>
internal enum WorkOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>It was not begun, since one before it of its key failed, or nobody waits for it any more.</summary>
    Untried,

    /// <summary>It failed at what it failed at before.</summary>
    FailedAgain,

    /// <summary>It failed, for the first time or at something else than before.</summary>
    Failed,

    /// <summary>It failed in a way that lets nothing more be done with it: its partition must stop.</summary>
    FailedForGood,
}
