using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Topics;

/// <summary>A topic as the brokers describe it.</summary>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Copies">How many copies the partition with the fewest has.</param>
/// <param name="HasLeaders">Whether every partition has a leader.</param>
/// <param name="Identity">What tells it from another topic of the same name; not known while a partition has no leader.</param>
internal sealed record FoundTopic(int Partitions, int Copies, bool HasLeaders, TopicIdentity Identity)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Asks the brokers how many they are, and for a topic; <see langword="null"/> when it does not exist (yet).</summary>
    /// <exception cref="KafkaException">They do not answer, or refuse to.</exception>
    public static async Task<(int Brokers, FoundTopic? Topic)> FindAsync(AdminSource admin, string name, CancellationToken cancellationToken)
    {
        // A partition of which no copy is in sync has no leader. DescribeTopics, which alone tells ids, must not be asked for it: Confluent.Kafka (2.16) reads the
        // empty list as a null pointer, fails, and destroys the client under its owner. A copy may be lost between the two questions; AdminSource bears that.
        var seen = await FindUnidentifiedAsync(admin, name, cancellationToken).ConfigureAwait(false);
        return seen.Topic is { HasLeaders: true } found ? await IdentifyAsync(admin, name, found, cancellationToken).ConfigureAwait(false) : seen;
    }

    /// <summary>Asks the brokers, without ids. An embedded broker makes topics when they are asked for, and knows no ids.</summary>
    /// <exception cref="KafkaException">They do not answer, or refuse to.</exception>
    public static Task<(int Brokers, FoundTopic? Topic)> FindUnidentifiedAsync(AdminSource admin, string name, CancellationToken cancellationToken) =>
        admin.AskAsync(client => Task.Run(() => Read(client.GetMetadata(name, RequestTimeout), name), CancellationToken.None), cancellationToken);

    private static async Task<(int Brokers, FoundTopic? Topic)> IdentifyAsync(AdminSource admin, string name, FoundTopic found, CancellationToken cancellationToken)
    {
        var ofCluster = new DescribeClusterOptions { RequestTimeout = RequestTimeout };
        var cluster = await admin.AskAsync(client => client.DescribeClusterAsync(ofCluster), cancellationToken).ConfigureAwait(false);

        try
        {
            var ofTopics = new DescribeTopicsOptions { RequestTimeout = RequestTimeout };
            var described = await admin.AskAsync(client => client.DescribeTopicsAsync(TopicCollection.OfTopicNames([name]), ofTopics), cancellationToken).ConfigureAwait(false);
            var topic = described.TopicDescriptions[0];

            // The partitions anew: the topic may have been deleted and created meanwhile.
            return (cluster.Nodes.Count, found with { Partitions = topic.Partitions.Count, Identity = new(cluster.ClusterId ?? "", IdOf(topic.TopicId)) });
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

    private static (int Brokers, FoundTopic? Topic) Read(Metadata metadata, string name)
    {
        var topic = metadata.Topics.SingleOrDefault(topic => topic.Topic == name);

        return topic is null || IsMissing(topic.Error.Code) || topic.Partitions.Count == 0
            ? (metadata.Brokers.Count, null)
            : topic.Error.IsError ? throw new KafkaException(topic.Error)
            : (metadata.Brokers.Count, new(
                topic.Partitions.Count,
                topic.Partitions.Min(partition => partition.Replicas.Length),
                topic.Partitions.TrueForAll(partition => partition is { Leader: >= 0, InSyncReplicas.Length: > 0 }),
                TopicIdentity.Unknown));
    }

    private static bool IsMissing(ErrorCode code) => code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable;

    private static string IdOf(Uuid id) => (long)id.MostSignificantBits == 0 && (long)id.LeastSignificantBits == 0 ? "" : id.ToString();
}
