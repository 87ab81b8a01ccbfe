using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>The library as an application has it: registered in a host, with its defaults.</summary>
internal static class StoreHost
{
    public static async Task<IHost> StartAsync(BenchmarkRun run, Action<IMessagingPatternsBuilder> register, Action<KafkaOptions>? configure = null, Action<ILoggingBuilder>? logging = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "benchmarks" });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        logging?.Invoke(builder.Logging);
        register(builder.Services.AddKafka(kafka =>
        {
            kafka.BootstrapServers = run.BootstrapServers;
            configure?.Invoke(kafka);
        }).AddEventType<OrderPlaced>());
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Completes when everything folded by now can be read: it is part of the work where events are kept, and nothing elsewhere.</summary>
    public static async Task WaitUntilReadableAsync(IHost host, string name)
    {
        var topic = await host.Services.GetRequiredService<EventLog>().TopicAsync(name, CancellationToken.None);

        foreach (var partition in topic.All.Where(partition => partition.Store is not null))
        {
            await partition.Readable.WaitAsync(partition.Progress.Next, CancellationToken.None);
        }
    }
}
