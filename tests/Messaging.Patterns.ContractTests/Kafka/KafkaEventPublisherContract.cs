using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.ContractTests.Publishing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.ContractTests.Kafka;

/// <summary>The publisher to Kafka; what it published is read with a consumer of Confluent's.</summary>
public abstract class KafkaEventPublisherContract(KafkaInstances kafka) : EventPublisherContract(kafka)
{
    protected override async Task<IReadOnlyList<StoredMessage>> ReadAsync(string key, Func<IReadOnlyList<StoredMessage>, bool> isComplete)
    {
        var bootstrapServers = await kafka.GetBootstrapServersAsync();
        return await Task.Run(() => Read(bootstrapServers, key, isComplete), Cancellation);
    }

    private List<StoredMessage> Read(string bootstrapServers, string key, Func<IReadOnlyList<StoredMessage>, bool> isComplete)
    {
        var found = new List<StoredMessage>();
        var config = new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "contract", EnableAutoCommit = false, FetchWaitMaxMs = 10 };
        using var consumer = new ConsumerBuilder<string, byte[]>(config).Build();
        consumer.Assign(Partitions(bootstrapServers).Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));

        while (!isComplete(found))
        {
            var message = consumer.Consume(Cancellation).Message;

            if (message.Key == key)
            {
                found.Add(Parse(message));
            }
        }

        return found;
    }

    private IEnumerable<TopicPartition> Partitions(string bootstrapServers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        var topic = admin.GetMetadata(kafka.PublishedTopic, TimeSpan.FromMinutes(1)).Topics.Single();
        return topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition.PartitionId));
    }

    private StoredMessage Parse(Message<string, byte[]> message)
    {
        if (message.Value is null)
        {
            return new(message.Key, "", Tombstone.TypeName, message.Timestamp.UtcDateTime, Tombstone.Instance, new Dictionary<string, string>());
        }

        Assert.Equal(CloudEventJson.ContentType, System.Text.Encoding.ASCII.GetString(message.Headers.GetLastBytes("content-type")));
        var cloudEvent = CloudEventJson.Read(message.Value);
        var payload = First<EventCodec>().Decode(cloudEvent.Type, cloudEvent.DataContentType, cloudEvent.Data);
        return new(message.Key, cloudEvent.Id, cloudEvent.Type, cloudEvent.Time!.Value, payload, cloudEvent.Extensions);
    }
}
