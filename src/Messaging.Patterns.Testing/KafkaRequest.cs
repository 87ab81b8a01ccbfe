namespace Messaging.Patterns.Testing;

/// <summary>The kinds of requests that <see cref="EmbeddedKafka"/> can be made to refuse, by Kafka's API keys (https://kafka.apache.org/protocol#protocol_api_keys).</summary>
public enum KafkaRequest
{
    /// <summary>Stores records.</summary>
    Produce = 0,

    /// <summary>Reads records.</summary>
    Fetch = 1,

    /// <summary>Asks where partitions begin and end.</summary>
    ListOffsets = 2,

    /// <summary>Asks for brokers, topics and leaders.</summary>
    Metadata = 3,

    /// <summary>Stores how far a consumer group has come.</summary>
    OffsetCommit = 8,

    /// <summary>Asks how far a consumer group has come.</summary>
    OffsetFetch = 9,

    /// <summary>Asks which broker a consumer group or transaction belongs to.</summary>
    FindCoordinator = 10,

    /// <summary>Joins a consumer group.</summary>
    JoinGroup = 11,

    /// <summary>Says that a member of a consumer group lives.</summary>
    Heartbeat = 12,

    /// <summary>Leaves a consumer group.</summary>
    LeaveGroup = 13,

    /// <summary>Hands out the partitions of a consumer group.</summary>
    SyncGroup = 14,

    /// <summary>Gets the id of an idempotent producer.</summary>
    InitProducerId = 22,
}
