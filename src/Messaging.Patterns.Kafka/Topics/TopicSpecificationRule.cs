using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Topics;

internal static class TopicSpecificationRule
{
    /// <summary>Adds an error for everything that no topic can be, and for what is said of the same topic in two ways.</summary>
    public static void CheckTopics(this ValidateOptionsResultBuilder result, IEnumerable<TopicSpecification> topics, string name)
    {
        foreach (var topic in topics.Distinct().GroupBy(topic => topic.Name, StringComparer.Ordinal))
        {
            foreach (var partitions in topic.Select(one => one.Partitions).Distinct().Where(partitions => partitions < 1))
            {
                result.AddError($"topic '{topic.Key}' is given {partitions} partitions; at least 1 is needed.", name);
            }

            foreach (var copies in topic.Select(one => one.ReplicationFactor).Distinct().Where(copies => copies < 1))
            {
                result.AddError($"topic '{topic.Key}' is given a replication factor of {copies}; at least 1 is needed.", name);
            }

            foreach (var difference in FindDifferences(topic.Key, [.. topic]))
            {
                result.AddError(difference, name);
            }
        }
    }

    private static IEnumerable<string> FindDifferences(string name, IReadOnlyList<TopicSpecification> topics)
    {
        if (Differ(topics.Select(topic => topic.Partitions)))
        {
            yield return $"topic '{name}' is given with different partition counts.";
        }

        if (Differ(topics.Select(topic => topic.ReplicationFactor)))
        {
            yield return $"topic '{name}' is given with different replication factors.";
        }

        foreach (var config in topics.SelectMany(topic => topic.Configs.Keys).Distinct(StringComparer.Ordinal))
        {
            if (Differ(topics.Select(topic => topic.Configs.TryGetValue(config, out var value) ? value : null)))
            {
                yield return $"topic '{name}' is given with different settings of '{config}'.";
            }
        }
    }

    private static bool Differ<T>(IEnumerable<T> values) => values.Distinct().Count() > 1;
}
