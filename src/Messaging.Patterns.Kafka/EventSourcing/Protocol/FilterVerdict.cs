namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What a <see cref="LoserFilter"/> says about a frame.</summary>
internal enum FilterVerdict
{
    /// <summary>Its events are in the stream.</summary>
    Accepted,

    /// <summary>Its version was taken before.</summary>
    Rejected,

    /// <summary>It holds no events.</summary>
    Barrier,

    /// <summary>The log must be read back first: see <see cref="LoserFilter.Scan"/>.</summary>
    NeedsScan,

    /// <summary>Its base lies beyond it: the log was changed. Stop.</summary>
    BaseBeyondOffset,
}
