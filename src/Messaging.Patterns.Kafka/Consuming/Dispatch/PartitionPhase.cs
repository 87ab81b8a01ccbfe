namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>What an assigned partition of a consumer group is doing.</summary>
internal enum PartitionPhase
{
    /// <summary>Records are given out.</summary>
    Running,

    /// <summary>A record failed: nothing is given out any more, and the commit stays before it.</summary>
    Stopped,

    /// <summary>The partition is about to leave: nothing is given out any more, what is being handled may still be done.</summary>
    Draining,

    /// <summary>The partition has left: nothing counts any more.</summary>
    Left,
}
