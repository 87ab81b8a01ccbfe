namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>What records are given out for.</summary>
internal enum WorkPurpose
{
    /// <summary>They are to be handled.</summary>
    Handle,

    /// <summary>The first of them failed for good: it is to be set aside, and its rest handled.</summary>
    SetAside,
}
