using Messaging.Patterns.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The whole shop in this process, on an embedded broker.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("shop-");
    private readonly List<WebApplication> _apps = [];

    /// <summary>Gets a client of a process with all roles.</summary>
    public HttpClient Client { get; private set; } = new();

    public async ValueTask InitializeAsync() => Client = await StartAsync("all", ShopRoles.All);

    /// <summary>Starts another process of the shop, so to speak.</summary>
    public async Task<HttpClient> StartAsync(string instance, ShopRoles roles, params string[] settings)
    {
        var app = ShopApp.Create(
        [
            "--urls=http://127.0.0.1:0",
            $"--Shop:Roles={roles}",
            $"--Shop:Instance={instance}",
            $"--Shop:Data={_data.FullName}",
            "--Shop:WaitAtMost=00:00:20",
            $"--Messaging:Kafka:BootstrapServers={_kafka.BootstrapServers}",
            "--Messaging:Kafka:Profile=Development",
            "--Logging:LogLevel:Default=Error",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Error",
            .. settings,
        ]);
        _apps.Add(app);
        await app.StartAsync();
        return new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public T Get<T>()
        where T : notnull => _apps[0].Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();

        foreach (var app in _apps)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        await _kafka.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _data.Delete(recursive: true);
    }
}
