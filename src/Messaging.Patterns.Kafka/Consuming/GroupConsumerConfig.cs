using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>The settings of a group's consumer.</summary>
internal static class GroupConsumerConfig
{
    // The client's own five minutes are long to wait for a new topic.
    private const int NewTopicMs = 10_000;

    public static void Apply(ConsumerConfig config, ConsumerGroup group)
    {
        // Members that stay keep their partitions while others come and go.
        config.PartitionAssignmentStrategy ??= PartitionAssignmentStrategy.CooperativeSticky;
        group.Options.ConsumerConfig?.Invoke(config);
        config.GroupInstanceId = group.Options.GroupInstanceId ?? config.GroupInstanceId;

        if (config.GroupProtocol == GroupProtocol.Consumer)
        {
            // There the broker divides, and the client refuses the setting.
            config.PartitionAssignmentStrategy = null;
        }

        if (group.Options.Patterns.Count > 0)
        {
            config.TopicMetadataRefreshIntervalMs ??= NewTopicMs;
        }

        config.GroupId = group.Name;
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.AutoOffsetReset = AutoOffsetReset.Error;

        // In streams everybody must see the same, and nobody uses transactions; elsewhere what was aborted was never said.
        config.IsolationLevel = group.ReadsStreamsOnly ? IsolationLevel.ReadUncommitted : config.IsolationLevel ?? IsolationLevel.ReadCommitted;
        config.EnablePartitionEof = true;
        config.ConsumeResultFields = "all";
    }
}
