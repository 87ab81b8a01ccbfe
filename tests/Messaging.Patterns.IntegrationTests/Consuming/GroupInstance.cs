using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka.Consuming;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>One instance of a service that listens: a host of its own in this process, with one member of a consumer group.</summary>
internal sealed class GroupInstance : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string _group;

    private GroupInstance(IHost host, string group, CapturedLog log) => (_host, _group, Log) = (host, group, log);

    public CapturedLog Log { get; }

    public string Name => _group;

    /// <summary>Gets what runs the member; fails with it.</summary>
    public Task Running => _host.Services.GetServices<IHostedService>().OfType<ConsumerGroupHost>().Single().ExecuteTask!;

    public static async Task<GroupInstance> StartAsync(
        string bootstrapServers, string group, Action<KafkaConsumerGroupBuilder> configure, Action<IMessagingPatternsBuilder>? more = null, IConfigurationSource? configuration = null)
    {
        var log = new CapturedLog();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "counting" });

        if (configuration is not null)
        {
            ((IConfigurationBuilder)builder.Configuration).Add(configuration);
        }

        builder.ConfigureContainer(new DefaultServiceProviderFactory(new() { ValidateOnBuild = true, ValidateScopes = true }));
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.Configure<HostOptions>(options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore);
        var patterns = builder.Services.AddKafka(kafka => kafka.BootstrapServers = bootstrapServers).AddEventType<Counted>().AddEventType<Renamed>();
        patterns.AddConsumerGroup(group, configure);
        more?.Invoke(patterns);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new GroupInstance(host, group, log);
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async Task<HealthReportEntry> CheckHealthAsync() =>
        (await Get<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries[$"kafka-consumer-group-{_group}"];

    /// <summary>Waits until the group's health has a status.</summary>
    public async Task<HealthReportEntry> UntilHealthAsync(HealthStatus status, Func<HealthReportEntry, bool>? condition = null)
    {
        HealthReportEntry entry;

        while ((entry = await CheckHealthAsync()).Status != status || condition?.Invoke(entry) == false)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return entry;
    }

    /// <summary>Waits until something was logged, so many times.</summary>
    public async Task<CapturedLog.Entry> UntilLoggedAsync(int id, int count = 1)
    {
        while (true)
        {
            if (Log.Entries.Where(entry => entry.Id == id).Skip(count - 1).FirstOrDefault() is { } entry)
            {
                return entry;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
