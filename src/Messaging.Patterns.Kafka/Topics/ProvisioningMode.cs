namespace Messaging.Patterns.Kafka.Topics;

/// <summary>What becomes of topics when a process starts.</summary>
public enum ProvisioningMode
{
    /// <summary>Missing topics are created, existing ones verified.</summary>
    CreateOrVerify,

    /// <summary>Topics must exist, and are verified.</summary>
    Verify,

    /// <summary>Topics must exist, and are taken as they are. Guarantees that rest on their settings are then yours to keep.</summary>
    None,
}
