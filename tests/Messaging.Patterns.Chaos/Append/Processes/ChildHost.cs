using System.Diagnostics;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>The library in a process of this scenario, as an application has it.</summary>
internal static class ChildHost
{
    public static IHost Build(ChildSettings settings, Action<IMessagingPatternsBuilder> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = settings.OwnFolder, ApplicationName = "chaos" });
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, "HH:mm:ss.fff ", true))
            .SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        register(builder.Services.AddKafka(kafka =>
        {
            kafka.BootstrapServers = settings.Servers;
            kafka.ClientId = settings.Name;

            // Short of the library's own 20 and librdkafka's 60 seconds, so that a run of minutes has many of them.
            kafka.Producer["message.timeout.ms"] = "5000";
            kafka.Client["socket.timeout.ms"] = "4000";
        }));
        return builder.Build();
    }

    /// <summary>Runs a host and the work in it, until the work has ended or the process is told to stop. A host that stops by itself is broken.</summary>
    public static async Task RunAsync(IHost host, Journal<Entry> journal, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();

        // Not with the token: told to stop so soon, it stops in order all the same.
        await host.StartAsync(CancellationToken.None);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, lifetime.ApplicationStopping);

        try
        {
            await work(either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop.
        }
        catch (Exception exception)
        {
            journal.Write(new Broken(Stopwatch.GetTimestamp(), exception.ToString()));
            throw;
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            journal.Write(new Broken(Stopwatch.GetTimestamp(), "the host stopped by itself"));
            throw new InvalidOperationException("The host stopped by itself.");
        }

        await host.StopAsync(CancellationToken.None);
    }
}
