using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Messaging.Patterns.Kafka.Topics;

/// <summary>A topic as the brokers describe it.</summary>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Copies">How many copies the partition with the fewest has.</param>
/// <param name="HasLeaders">Whether every partition has a leader.</param>
/// <param name="Identity">What tells it from another topic of the same name.</param>
internal sealed record FoundTopic(int Partitions, int Copies, bool HasLeaders, TopicIdentity Identity)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Asks the brokers how many they are, and for a topic; <see langword="null"/> when it does not exist (yet).</summary>
    /// <exception cref="KafkaException">They do not answer, or refuse to.</exception>
    public static async Task<(int Brokers, FoundTopic? Topic)> FindAsync(IAdminClient admin, string name, CancellationToken cancellationToken)
    {
        var cluster = await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = RequestTimeout }).WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            var options = new DescribeTopicsOptions { RequestTimeout = RequestTimeout };
            var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([name]), options).WaitAsync(cancellationToken).ConfigureAwait(false);
            return (cluster.Nodes.Count, Read(described.TopicDescriptions[0], cluster.ClusterId));
        }
        catch (DescribeTopicsException exception) when (IsMissing(exception.Results.TopicDescriptions[0].Error.Code))
        {
            return (cluster.Nodes.Count, null);
        }
        catch (DescribeTopicsException exception)
        {
            throw new KafkaException(exception.Results.TopicDescriptions[0].Error, exception);
        }
    }

    /// <summary>Asks a broker that makes topics when they are asked for, the embedded one, and that knows no ids.</summary>
    /// <param name="admin">The client. Not to be disposed of meanwhile: the call cannot be cancelled.</param>
    /// <param name="name">The topic.</param>
    /// <param name="timeout">How long it may take.</param>
    public static (int Brokers, FoundTopic? Topic) FindOrMake(IAdminClient admin, string name, TimeSpan timeout)
    {
        var metadata = admin.GetMetadata(name, timeout);
        var topic = metadata.Topics.SingleOrDefault(topic => topic.Topic == name);

        return topic is null || IsMissing(topic.Error.Code) || topic.Partitions.Count == 0
            ? (metadata.Brokers.Count, null)
            : topic.Error.IsError ? throw new KafkaException(topic.Error)
            : (metadata.Brokers.Count, new(
                topic.Partitions.Count,
                topic.Partitions.Min(partition => partition.Replicas.Length),
                topic.Partitions.TrueForAll(partition => partition.Leader >= 0),
                TopicIdentity.Unknown));
    }

    private static bool IsMissing(ErrorCode code) => code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable;

    private static FoundTopic? Read(TopicDescription topic, string? cluster) => topic.Partitions.Count == 0
        ? null
        : new(
            topic.Partitions.Count,
            topic.Partitions.Min(partition => partition.Replicas.Count),
            topic.Partitions.TrueForAll(partition => partition.Leader is { Id: >= 0 }),
            new TopicIdentity(cluster ?? "", IdOf(topic.TopicId)));

    private static string IdOf(Uuid id) => (long)id.MostSignificantBits == 0 && (long)id.LeastSignificantBits == 0 ? "" : id.ToString();
}
