using Messaging.Patterns.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>The library in a process of a scenario, as an application has it.</summary>
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
    /// <param name="host">The host.</param>
    /// <param name="broke">Takes down what broke.</param>
    /// <param name="work">The work.</param>
    /// <param name="stopping">Cancelled when the process is told to stop.</param>
    public static async Task RunAsync(IHost host, Action<string> broke, Func<CancellationToken, Task> work, CancellationToken stopping)
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
            broke(exception.ToString());
            throw;
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            broke("the host stopped by itself");
            throw new InvalidOperationException("The host stopped by itself.");
        }

        await host.StopAsync(CancellationToken.None);
    }
}
