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
        var topic = await FilledTopic.CreateOfEventsAsync(run, Records);
        await using var services = new ServiceCollection().AddMessagingPatterns().AddEventType<OrderPlaced>().Services.BuildServiceProvider();
        var codec = services.GetRequiredService<EventCodec>();

        await Backlog.CompareAsync<OrderPlaced>(run, Name, topic, Records, result =>
        {
            var cloudEvent = CloudEventJson.Read(result.Message.Value);
            codec.Decode(cloudEvent.Type, cloudEvent.DataContentType, cloudEvent.Data);
        });
    }
}
