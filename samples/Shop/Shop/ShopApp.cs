using Shop.Balances;
using Shop.Customers;
using Shop.Http;
using Shop.Operations;
using Shop.Orders;
using Shop.ReadModels;

namespace Shop;

/// <summary>Puts the shop together: three services on one event store, in the roles that the configuration names.</summary>
public static class ShopApp
{
    /// <summary>Creates the application.</summary>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var shop = builder.Configuration.GetSection("Shop").Get<ShopOptions>() ?? new ShopOptions();
        builder.Services.AddSingleton(shop);
        builder.Services.AddShopHttp(shop);
        AddShopMessaging(builder.Services, shop);

        var app = builder.Build();
        app.UseShopHttp(shop);

        if (shop.Has(ShopRoles.Write))
        {
            app.MapCustomerCommands();
            app.MapOrderCommands();
        }

        if (shop.Has(ShopRoles.Read))
        {
            app.MapOrderQueries();
            app.MapBalanceQueries();
            app.MapOperations();
            app.MapPage(shop);
        }

        return app;
    }

    private static void AddShopMessaging(IServiceCollection services, ShopOptions shop)
    {
        // The address of Kafka comes from the configuration section Messaging:Kafka.
        var messaging = services.AddKafka()
            .AddEventTypes<AccountOpened>()
            .AddStreams(Account.Category, shop.AccountsTopic)
            .AddStreams(Order.Category, shop.OrdersTopic)
            .AddConsumerGroupControl(control => control.Topic = shop.ControlTopic)
            .AddKafkaEventReader(reader => reader.StorePath = shop.PathOf($"events-{shop.Instance}.db"));

        if (shop.Has(ShopRoles.Write | ShopRoles.Listen))
        {
            messaging.AddKafkaEventWriter();
        }

        var tables = ReadTables.Add(messaging, shop);
        messaging.AddCustomers(shop).AddOrders(shop, tables).AddBalances(shop, tables);
    }
}
