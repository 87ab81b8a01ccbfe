using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>A backlog of published events and a typed handler that does nothing.</summary>
internal sealed class ConsumeTypedBenchmark : IBenchmark
{
    private const int Records = 300_000;

    public string Name => "consume-typed";

    public string Summary => "a consumer group with an empty handler of typed events against a Consume loop with the same deserializer";

    public async Task RunAsync(BenchmarkRun run)
    {
        var events = OrderPlaced.CreateMany(10_000);
        using var json = new RawCloudEvents();
        var contentType = "application/cloudevents+json; charset=UTF-8"u8.ToArray();
        var topic = await FilledTopic.CreateAsync(run, Enumerable.Range(0, Records).Select(number => new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(events[number % events.Length].OrderId),
            Value = json.Publish(events[number % events.Length]),
            Headers = new Headers { { "content-type", contentType } },
        }));
        await using var services = new ServiceCollection().AddMessagingPatterns().AddEventType<OrderPlaced>().Services.BuildServiceProvider();
        var codec = services.GetRequiredService<EventCodec>();

        await Backlog.CompareAsync<OrderPlaced>(run, Name, topic, Records, result =>
        {
            var cloudEvent = CloudEventJson.Read(result.Message.Value);
            codec.Decode(cloudEvent.Type, cloudEvent.DataContentType, cloudEvent.Data);
        });
    }
}
