using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A topic with records in it.</summary>
internal static class FilledTopic
{
    /// <summary>Creates a topic and fills it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="records">The records; the key decides the partition.</param>
    public static async Task<string> CreateAsync(BenchmarkRun run, IEnumerable<Message<byte[], byte[]>> records)
    {
        var topic = await KafkaTopics.CreateAsync(run.BootstrapServers, "consume", RawTopic.Partitions);
        using var producer = RawProducer.Create(run);

        foreach (var record in records)
        {
            while (!TryProduce(producer, topic, record))
            {
                await Task.Delay(1);
            }
        }

        producer.Flush(CancellationToken.None);
        return topic;
    }

    /// <summary>Creates a topic of published events, of 10,000 keys.</summary>
    /// <param name="run">The run.</param>
    /// <param name="count">How many.</param>
    public static async Task<string> CreateOfEventsAsync(BenchmarkRun run, int count)
    {
        var events = OrderPlaced.CreateMany(10_000);
        using var json = new RawCloudEvents();
        var contentType = "application/cloudevents+json; charset=UTF-8"u8.ToArray();
        return await CreateAsync(run, Enumerable.Range(0, count).Select(number => new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(events[number % events.Length].OrderId),
            Value = json.Publish(events[number % events.Length]),
            Headers = new Headers { { "content-type", contentType } },
        }));
    }

    private static bool TryProduce(IProducer<byte[], byte[]> producer, string topic, Message<byte[], byte[]> record)
    {
        try
        {
            producer.Produce(topic, record);
            return true;
        }
        catch (ProduceException<byte[], byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
    }
}
