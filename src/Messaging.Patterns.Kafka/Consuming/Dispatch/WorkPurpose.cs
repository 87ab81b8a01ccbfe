namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>What records are given out for.</summary>
internal enum WorkPurpose
{
    /// <summary>They are to be handled.</summary>
    Handle,

    /// <summary>There is one. It failed for good, or follows one that did: it is to be set aside, and its rest handled.</summary>
    SetAside,
}
