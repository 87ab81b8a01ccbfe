using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Checks how a process becomes a member: static or not, by which of Kafka's protocols.</summary>
internal static class GroupMembership
{
    private const int LongestInstanceId = 249;

    // What librdkafka refuses under the brokers' own protocol, or what has no effect there.
    private static readonly (string Setting, string Remedy)[] OfClassicProtocol =
    [
        ("session.timeout.ms", "the brokers set it: group.consumer.session.timeout.ms"),
        ("heartbeat.interval.ms", "the brokers set it: group.consumer.heartbeat.interval.ms"),
        ("partition.assignment.strategy", "the brokers divide the partitions: choose their assignor with 'group.remote.assignor'"),
        ("group.protocol.type", "there is only one"),
    ];

    /// <summary>Adds an error for every fault.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="options">The group's options.</param>
    /// <param name="config">The settings of its consumer.</param>
    /// <param name="result">Takes the errors.</param>
    public static void Check(string? name, KafkaConsumerGroupOptions options, ConsumerConfig config, ValidateOptionsResultBuilder result)
    {
        if (options.GroupInstanceId is { } id)
        {
            CheckInstanceId(name, id, config.GroupInstanceId, result);
        }

        if (config.GroupProtocol != GroupProtocol.Consumer)
        {
            return;
        }

        var set = config.Select(setting => setting.Key).ToHashSet(StringComparer.Ordinal);

        foreach (var (setting, remedy) in OfClassicProtocol.Where(one => set.Contains(one.Setting)))
        {
            result.AddError($"'{setting}' must not be set with 'group.protocol' consumer in consumer group '{name}': {remedy}. Remove the setting.");
        }
    }

    private static void CheckInstanceId(string? name, string id, string? other, ValidateOptionsResultBuilder result)
    {
        if (id.Length is 0 or > LongestInstanceId || id is "." or ".." || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-'))
        {
            result.AddError(
                $"must be 1 to {LongestInstanceId} letters, digits, dots, underscores or hyphens, and not '.' or '..', but is '{id}' in consumer group '{name}'.",
                nameof(KafkaConsumerGroupOptions.GroupInstanceId));
        }

        if (other is not null && other != id)
        {
            result.AddError($"is '{id}', but 'group.instance.id' is '{other}' in consumer group '{name}'. Say it once.", nameof(KafkaConsumerGroupOptions.GroupInstanceId));
        }
    }
}
