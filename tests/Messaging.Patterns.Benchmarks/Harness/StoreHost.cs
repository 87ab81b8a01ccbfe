using Messaging.Patterns.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>The library as an application has it: registered in a host, with its defaults.</summary>
internal static class StoreHost
{
    public static async Task<IHost> StartAsync(BenchmarkRun run, Action<IMessagingPatternsBuilder> register, Action<KafkaOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "benchmarks" });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        register(builder.Services.AddKafka(kafka =>
        {
            kafka.BootstrapServers = run.BootstrapServers;
            configure?.Invoke(kafka);
        }).AddEventType<OrderPlaced>());
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
