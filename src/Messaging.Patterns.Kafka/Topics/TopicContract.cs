using System.Globalization;
using Confluent.Kafka.Admin;

namespace Messaging.Patterns.Kafka.Topics;

/// <summary>What a topic must be like: as it is created, and as it is compared.</summary>
internal sealed class TopicContract
{
    private const int SafeReplication = 3;

    private readonly TopicSpecification _topic;
    private readonly int _brokers;
    private readonly Dictionary<string, string> _configs;

    private TopicContract(TopicSpecification topic, int brokers) =>
        (_topic, _brokers, _configs) = (topic, brokers, new(topic.Configs, StringComparer.Ordinal));

    /// <summary>Gets what to warn of: a cluster that is too small to be safe.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Gets or sets how many partitions the topic is created with, unless its specification says.</summary>
    public int DefaultPartitions { get; set; } = TopicSpecification.DefaultPartitions;

    /// <summary>Gets or sets how many copies there must be at least.</summary>
    public int MinReplication { get; set; } = 1;

    /// <summary>Gets the numbers that settings must reach, by name, with the reason.</summary>
    public Dictionary<string, (long AtLeast, string Reason)> Minimums { get; } = new(StringComparer.Ordinal);

    public static TopicContract Of(TopicSpecification topic, int brokers) => new(topic, brokers);

    /// <summary>Demands a setting, whatever the specification says.</summary>
    public void Require(string config, string value) => _configs[config] = value;

    public Confluent.Kafka.Admin.TopicSpecification ToCreate()
    {
        var configs = new Dictionary<string, string>(_configs, StringComparer.Ordinal);

        foreach (var (name, (atLeast, _)) in Minimums)
        {
            configs.TryAdd(name, atLeast.ToString(CultureInfo.InvariantCulture));
        }

        return new()
        {
            Name = _topic.Name,
            NumPartitions = _topic.Partitions ?? DefaultPartitions,
            ReplicationFactor = _topic.ReplicationFactor ?? (short)Math.Max(MinReplication, Math.Min(SafeReplication, _brokers)),
            Configs = configs,
        };
    }

    public IEnumerable<string> Compare(int partitions, int replicas, IReadOnlyDictionary<string, string> found)
    {
        if (_topic.Partitions is { } wanted && wanted != partitions)
        {
            yield return $"it has {partitions} partitions, expected {wanted}. The count decides where keys lie and cannot be changed: correct the specification, or copy to a new topic.";
        }

        var replication = Math.Max(_topic.ReplicationFactor ?? 1, MinReplication);

        if (replicas < replication)
        {
            yield return $"it has {replicas} copies, expected at least {replication}: a lost broker would lose events. Reassign its partitions (kafka-reassign-partitions.sh).";
        }

        foreach (var (name, value) in _configs.Where(config => found.GetValueOrDefault(config.Key) != config.Value))
        {
            yield return $"'{name}' is '{found.GetValueOrDefault(name)}', expected '{value}'. {Remedy(name, value)}";
        }

        foreach (var (name, (atLeast, reason)) in Minimums)
        {
            if (long.TryParse(found.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) && number < atLeast)
            {
                yield return $"'{name}' is '{number}', expected at least {atLeast}: {reason}. {Remedy(name, atLeast.ToString(CultureInfo.InvariantCulture))}";
            }
        }
    }

    private string Remedy(string name, string value) =>
        $"Change it: kafka-configs.sh --bootstrap-server ... --entity-type topics --entity-name {_topic.Name} --alter --add-config {name}={value}";
}
