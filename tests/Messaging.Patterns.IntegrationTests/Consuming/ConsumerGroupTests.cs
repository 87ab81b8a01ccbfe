using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Consuming;

public sealed class ConsumerGroupTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task Everything_appended_is_handled_in_order_per_stream()
    {
        var servers = await kafka.GetAsync();
        var (topic, group, handled) = (KafkaTopics.UniqueName("counters"), KafkaTopics.UniqueName("group"), new Handled());
        using var host = await GroupTestHost.StartAsync(
            servers,
            group,
            builder => builder.From(topic).Handle<Counted>(handled.HandleAsync),
            patterns => patterns.AddStreams("counter", topic, specification => specification.Partitions = 3).AddKafkaEventWriter());
        var writer = host.Services.GetRequiredService<IEventWriter>();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => writer.AppendAsync(
            new StreamId("counter", $"{number % 10}"), ExpectedVersion.Any, [new EventData(new Counted(number))], cancellationToken: TestContext.Current.CancellationToken).AsTask()));

        await handled.UntilCountAsync(100);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.All(handled.All.GroupBy(one => one.Context.Stream), stream => Assert.Equal(Enumerable.Range(1, 10).Select(version => (long)version), stream.Select(one => one.Context.Version)));
    }
}
