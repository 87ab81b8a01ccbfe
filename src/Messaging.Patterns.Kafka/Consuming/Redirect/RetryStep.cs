namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>What is done with a redirected record.</summary>
internal enum RetryStep
{
    /// <summary>It is handled.</summary>
    Handle,

    /// <summary>It failed for good: it is set aside, and its rest handled.</summary>
    SetAside,

    /// <summary>It is handled, or set aside; that is to be stored in the retry partition.</summary>
    Release,
}
