using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>What all records of a route share, made once.</summary>
internal sealed class PublishTarget(EventRoute route)
{
    private string[] _parts = [];

    public string Topic => Place.Topic;

    /// <summary>Gets where records go: the topic, with the partition left to the partitioner.</summary>
    public TopicPartition Place { get; } = new(route.Topic, Partition.Any);

    /// <summary>Gets how events are laid into records.</summary>
    public CloudEventMode Mode => route.Mode;

    public string KeyOf(object payload) => route.Key(payload);

    /// <summary>Returns a partition's name as part of a position.</summary>
    public string PartOf(int partition)
    {
        var parts = _parts;

        if (partition >= parts.Length)
        {
            // Another thread may do the same; either array is right.
            parts = [.. Enumerable.Range(0, partition + 1).Select(number => $"{Topic}:{number}")];
            _parts = parts;
        }

        return parts[partition];
    }
}
