namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>What the first row of a key waits for.</summary>
internal enum ChainState
{
    /// <summary>For its turn.</summary>
    Ready,

    /// <summary>For the broker's answer.</summary>
    Sending,

    /// <summary>For the time of its next attempt.</summary>
    Delayed,

    /// <summary>For being moved to the parked rows.</summary>
    Parking,
}
