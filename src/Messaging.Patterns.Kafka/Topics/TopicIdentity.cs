namespace Messaging.Patterns.Kafka.Topics;

/// <summary>What tells a topic from another one of the same name: Kafka draws both ids anew for each cluster and for each topic.</summary>
/// <param name="Cluster">The cluster's id; empty when it is not known.</param>
/// <param name="Topic">The topic's id; empty when it is not known, as on brokers before 2.8.</param>
internal sealed record TopicIdentity(string Cluster, string Topic)
{
    /// <summary>Gets what is known where brokers say nothing, as the embedded one.</summary>
    public static TopicIdentity Unknown { get; } = new("", "");

    /// <summary>Returns whether this is surely not the other topic. What is not known of either differs from nothing.</summary>
    public bool Differs(TopicIdentity other) => Differ(Cluster, other.Cluster) || Differ(Topic, other.Topic);

    public override string ToString() => $"topic id {Name(Topic)} in cluster {Name(Cluster)}";

    private static bool Differ(string one, string other) => one.Length > 0 && other.Length > 0 && one != other;

    private static string Name(string id) => id.Length > 0 ? $"'{id}'" : "unknown";
}
