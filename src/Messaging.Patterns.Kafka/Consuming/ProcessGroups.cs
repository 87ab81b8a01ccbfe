namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>All groups that were added in the process, of all clusters.</summary>
internal sealed class ProcessGroups(IEnumerable<ProcessGroup> groups)
{
    /// <summary>Returns what is wrong with a group's name, or <see langword="null"/>: positions, inboxes and dead letters know a group by its name alone.</summary>
    public string? FindFault(string? name)
    {
        var clusters = groups.Where(group => group.Name == name).Select(group => group.Cluster).ToList();
        return clusters.Count < 2 ? null
            : clusters.Distinct().Count() == 1 ? $"consumer group '{name}' is added more than once. Put its topics and handlers into one AddConsumerGroup(\"{name}\", ...)."
            : $"consumer group '{name}' is added to several clusters: {string.Join(" and ", clusters.Distinct().Select(cluster => cluster is null ? "the one without a name" : $"'{cluster}'"))}. "
                + "What is kept under the group's name, such as positions and inboxes, would be mixed up. Give each a name of its own.";
    }
}
