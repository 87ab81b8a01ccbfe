using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>One instance of an application with the event store: a host of its own in this process, with files of its own.</summary>
internal sealed class StoreInstance : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string? _ownFolder;

    private StoreInstance(IHost host, CapturedLog log, string? ownFolder) => (_host, Log, _ownFolder) = (host, log, ownFolder);

    public CapturedLog Log { get; }

    public IEventStore Store => Get<IEventStore>();

    public IEventWriter Writer => Get<IEventWriter>();

    public IEventReader Reader => Get<IEventReader>();

    public IEventFeed Feed => Get<IEventFeed>();

    public IEventPublisher Publisher => Get<IEventPublisher>();

    public EventLog EventLog => Get<EventLog>();

    /// <summary>Gets what runs the event log; fails with it.</summary>
    public Task Running => _host.Services.GetServices<IHostedService>().OfType<EventLogHost>().Single().ExecuteTask!;

    /// <summary>Gets a token that is cancelled when the host begins to stop, by itself or not.</summary>
    public CancellationToken Stopping => Get<IHostApplicationLifetime>().ApplicationStopping;

    /// <summary>Starts an instance; it may still be folding the log.</summary>
    public static async Task<StoreInstance> StartAsync(StoreSetup setup)
    {
        var instance = Create(setup);

        try
        {
            await instance._host.StartAsync(TestContext.Current.CancellationToken);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts instances and returns them when all have folded the log.</summary>
    public static async Task<StoreInstance[]> StartAllAsync(params StoreSetup[] setups)
    {
        var instances = await Task.WhenAll(setups.Select(StartAsync));
        await Task.WhenAll(instances.Select(instance => instance.ReadyAsync()));
        return instances;
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Waits until the log is folded up to its end; fails when the store cannot start.</summary>
    public async Task ReadyAsync()
    {
        var log = EventLog;
        var ready = Task.WhenAll(log.TopicNames.Select(name => log.TopicAsync(name, TestContext.Current.CancellationToken).AsTask()));
        await await Task.WhenAny(ready, Task.Run(() => Running));
        await ready;
    }

    public Task<HealthReport> CheckHealthAsync() => Get<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();

        if (_ownFolder is not null)
        {
            Directory.Delete(_ownFolder, recursive: true);
        }
    }

    private static StoreInstance Create(StoreSetup setup)
    {
        var ownFolder = setup.Folder is null ? Directory.CreateTempSubdirectory("store-").FullName : null;
        var log = new CapturedLog();
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = setup.Folder ?? ownFolder, ApplicationName = "notes" });
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new() { ValidateOnBuild = true, ValidateScopes = true }));
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.Configure<KafkaEventStoreOptions>(setup.Store.Invoke);

        var patterns = builder.Services
            .AddKafka(kafka =>
            {
                kafka.BootstrapServers = setup.BootstrapServers;
                setup.Kafka(kafka);
            })
            .AddEventType<Noted>()
            .AddStreams("note", setup.TopicName, setup.Topic);

        if (setup.Writes)
        {
            patterns.AddKafkaEventWriter(setup.Writer);
        }

        if (setup.Reads)
        {
            patterns.AddKafkaEventReader(setup.Reader);
        }

        setup.More(patterns);
        return new StoreInstance(builder.Build(), log, ownFolder);
    }
}
