namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What the fold says about a frame.</summary>
internal enum Verdict
{
    /// <summary>Its events are in the stream.</summary>
    Accepted,

    /// <summary>Its version was taken before. Final: versions never go back, so no copy of the frame is accepted later either.</summary>
    Rejected,

    /// <summary>It holds no events.</summary>
    Barrier,

    /// <summary>It starts beyond the next version, and is ignored. Not possible with honest writers on an intact log, and not final: a later copy might fit.</summary>
    Gap,

    /// <summary>Not folded: its writer claims to have folded more than there was before it, so the log is not the one it wrote to.</summary>
    BaseBeyondOffset,

    /// <summary>Not folded: its writer knew another partition count, so streams may be spread differently.</summary>
    OtherPartitionCount,
}
