namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>Why a partition stops: going on could break a guarantee.</summary>
internal enum FaultReason
{
    /// <summary>The log holds another frame than the one that was acknowledged or folded there.</summary>
    FrameReplaced,

    /// <summary>The log holds no frame where one was acknowledged or folded.</summary>
    FrameMissing,

    /// <summary>Two frames were acknowledged at the same offset.</summary>
    OffsetClaimedTwice,

    /// <summary>A frame of our own is ahead of its stream: events between are gone.</summary>
    EventsMissing,

    /// <summary>A frame was chosen on more of the log than lies before it.</summary>
    BaseBeyondOffset,

    /// <summary>A frame was written under another partition count.</summary>
    OtherPartitionCount,

    /// <summary>The name leads to another log than the one that was folded: another topic, or another cluster.</summary>
    OtherLog,

    /// <summary>A record is no frame of a known log version.</summary>
    UnknownRecord,

    /// <summary>The shell found a reason of its own.</summary>
    External,

    /// <summary>The process stops; nothing is wrong.</summary>
    Closed,
}
