using Messaging.Patterns.Kafka.Consuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A process with one member of a consumer group.</summary>
internal static class GroupTestHost
{
    public static async Task<IHost> StartAsync(string bootstrapServers, string group, Action<KafkaConsumerGroupBuilder> configure, Action<IMessagingPatternsBuilder>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var patterns = builder.Services.AddKafka(kafka => kafka.BootstrapServers = bootstrapServers).AddEventType<Counted>().AddEventType<Renamed>();
        more?.Invoke(patterns);
        patterns.AddConsumerGroup(group, configure);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
