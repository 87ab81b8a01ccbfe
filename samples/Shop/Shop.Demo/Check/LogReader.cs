using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.Customers;
using Shop.Orders;

namespace Shop.Demo.Check;

/// <summary>Reads the whole log from its beginning, into the memory of this process.</summary>
internal static class LogReader
{
    public static async Task<LogFold> FoldAsync(Broker broker, string prefix, CancellationToken cancellationToken)
    {
        var shop = new ShopOptions { Prefix = prefix };
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services
            .AddKafka(kafka => (kafka.BootstrapServers, kafka.Profile) = (broker.BootstrapServers, broker.Profile))
            .AddEventTypes<AccountOpened>()
            .AddStreams(Account.Category, shop.AccountsTopic)
            .AddStreams(Order.Category, shop.OrdersTopic)
            .AddKafkaEventReader(reader => reader.InMemory = true);

        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var fold = new LogFold();

        await foreach (var recorded in host.Services.GetRequiredService<IEventFeed>().ReadAllAsync(Position.Start, cancellationToken: cancellationToken))
        {
            fold.Add(recorded);
        }

        await host.StopAsync(cancellationToken);
        return fold;
    }
}
