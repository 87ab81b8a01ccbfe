using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Snippets;

public static class Embedded
{
    public static async Task<long> OpenAsync()
    {
        await using var kafka = EmbeddedKafka.Start();
        var builder = Host.CreateApplicationBuilder();

        builder.Services
            .AddKafkaEventSourcing(options =>
            {
                options.BootstrapServers = kafka.BootstrapServers;
                options.Profile = KafkaProfile.Development;
            })
            .AddKafkaEventReader(reader => reader.InMemory = true)
            .AddEventTypes<AccountOpened>()
            .AddStreams("account", topic: "accounts");

        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<IEventStore>();
        var result = await store.AppendAsync(new StreamId("account", "42"), ExpectedVersion.NoStream, [new EventData(new AccountOpened("Ada"))]);
        await host.StopAsync();
        return result.Version;
    }
}
