namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>
/// Brokers that divide the partitions (KIP-848) do not let a static member in while another one has its id, and forget one that did not leave only at the end of its
/// session. By the classic protocol the newer one is let in at once and the older one is fenced, which may be the same process before it lost its session.
/// </summary>
internal sealed class InstanceIdInUseException(string group, Exception innerException) : MessagingException(
    $"Consumer group '{group}' has another member with the instance id of this process, which has not left. Give each process a GroupInstanceId of its own. "
    + "If it was this process, before it crashed or lost its session, the brokers forget it when that session ends (group.consumer.session.timeout.ms, 45 s unless set).",
    innerException)
{
    /// <summary>Gets how this member was kept out.</summary>
    public required Exclusion How { get; init; }

    /// <summary>Gets whether the brokers had let this member in before.</summary>
    public required bool WasMember { get; init; }
}
