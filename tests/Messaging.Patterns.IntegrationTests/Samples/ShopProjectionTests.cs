using Messaging.Patterns.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop;
using Shop.Balances;
using Shop.Customers;
using Shop.Orders;
using Shop.ReadModels;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The shop's tables, on SQLite and on PostgreSQL: what a rewind brings again is written anew.</summary>
public sealed class ShopProjectionTests(PostgreSqlFixture postgreSql) : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("shop-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_again_after_a_rewind_is_written_anew_and_not_added(bool isPostgreSql)
    {
        await using var database = isPostgreSql ? await postgreSql.CreateDatabaseAsync() : null;
        await using var services = Open(database);

        for (var epoch = 0; epoch < 2; epoch++)
        {
            await SetBugAsync(services, hasBug: epoch == 0);
            await InScopeAsync(services, async tables =>
            {
                var projection = new BalanceProjection(tables);
                await projection.HandleAsync(new AccountOpened("ann", "Ann"), Context(0), Cancellation);
                await projection.HandleAsync(new AccountCharged("ann", 100), Context(1), Cancellation);
                await projection.HandleAsync(new AccountDebited("ann", "order", 30), Context(2), Cancellation);
            });
            await InScopeAsync(services, async tables => Assert.Equal(epoch == 0 ? 130 : 70, await tables.Changes.SumAsync(change => change.Amount, Cancellation)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_order_that_comes_again_keeps_its_number_and_its_end(bool isPostgreSql)
    {
        await using var database = isPostgreSql ? await postgreSql.CreateDatabaseAsync() : null;
        await using var services = Open(database);

        for (var time = 0; time < 2; time++)
        {
            await InScopeAsync(services, async tables => await new OrderProjection(tables).HandleAsync(new OrderPlaced("1", "ann", 30), Context(0), Cancellation));
            await InScopeAsync(services, async tables => await new OrderProjection(tables).HandleAsync(new OrderRejected("1", "why"), Context(1), Cancellation));
            await InScopeAsync(services, async tables =>
            {
                var order = await tables.Orders.SingleAsync(Cancellation);
                Assert.Equal((1, OrderStatus.Rejected, "why"), (order.Number, order.Status, order.Reason));
            });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Processes_that_start_at_once_share_one_id_and_another_database_has_another_one(bool isPostgreSql)
    {
        await using var database = isPostgreSql ? await postgreSql.CreateDatabaseAsync() : null;
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => IdOf(database), Cancellation)));

        var id = Assert.Single(opened.Distinct());
        await using var other = isPostgreSql ? await postgreSql.CreateDatabaseAsync() : null;
        SqliteConnection.ClearAllPools();
        _data.GetFiles().ToList().ForEach(file => file.Delete());
        Assert.NotEqual(id, IdOf(other));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _data.Delete(recursive: true);
    }

    private string IdOf(PostgreSqlDatabase? database)
    {
        using var services = Open(database);
        return services.GetRequiredService<ReadTables>().Id;
    }

    private ServiceProvider Open(PostgreSqlDatabase? database)
    {
        var messaging = new ServiceCollection().AddMessagingPatterns();
        ReadTables.Add(messaging, new ShopOptions { Data = _data.FullName, Database = database?.ConnectionString ?? "" });
        return messaging.Services.BuildServiceProvider();
    }

    private static Task SetBugAsync(ServiceProvider services, bool hasBug) => InScopeAsync(services, async tables =>
    {
        await tables.Settings.Where(one => one.Name == ReadSetting.Bug).ExecuteDeleteAsync(Cancellation);

        if (hasBug)
        {
            tables.Settings.Add(new ReadSetting { Name = ReadSetting.Bug });
        }
    });

    private static async Task InScopeAsync(ServiceProvider services, Func<ReadContext, Task> action)
    {
        await using var scope = services.CreateAsyncScope();
        var tables = scope.ServiceProvider.GetRequiredService<ReadContext>();
        await action(tables);
        await tables.SaveChangesAsync(Cancellation);
    }

    private static EventContext Context(long offset) => new()
    {
        Group = "balances",
        EventType = "account-charged",
        Time = DateTimeOffset.UnixEpoch,
        Topic = "shop.accounts",
        Partition = 0,
        Offset = offset,
    };
}
