using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.Data.Sqlite;
using Shop;
using Shop.Balances;
using Shop.Customers;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The shop's table of balances, when events come more than once and from several processes.</summary>
public sealed class ShopProjectionTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("shop-");

    [Fact]
    public async Task An_event_that_comes_again_changes_nothing()
    {
        var table = Open();
        var projection = new BalanceProjection(table);
        await projection.HandleAsync(new AccountOpened("ann", "Ann"), Context(version: 1), TestContext.Current.CancellationToken);

        for (var time = 0; time < 3; time++)
        {
            await projection.HandleAsync(new AccountCharged("ann", 100), Context(version: 2), TestContext.Current.CancellationToken);
        }

        await projection.HandleAsync(new AccountOpened("ann", "Ann"), Context(version: 1), TestContext.Current.CancellationToken);

        Assert.Equal([100L], Balances(table));
    }

    [Fact]
    public async Task What_one_process_has_handled_another_one_sees_and_does_not_apply_again()
    {
        var (first, second) = (Open(), Open());
        await new BalanceProjection(first).HandleAsync(new AccountOpened("ann", "Ann"), Context(version: 1), TestContext.Current.CancellationToken);
        await new BalanceProjection(first).HandleAsync(new AccountCharged("ann", 100), Context(version: 2), TestContext.Current.CancellationToken);

        await new BalanceProjection(second).HandleAsync(new AccountCharged("ann", 100), Context(version: 2), TestContext.Current.CancellationToken);

        await second.WaitForAsync(Context(version: 2).Position, TestContext.Current.CancellationToken);
        Assert.Equal([100L], Balances(second));
    }

    [Fact]
    public async Task A_rewind_takes_back_what_comes_again_and_refuses_events_of_an_earlier_epoch()
    {
        var table = Open();
        var projection = new BalanceProjection(table);
        await projection.HandleAsync(new AccountOpened("ann", "Ann"), Context(version: 1), TestContext.Current.CancellationToken);
        await projection.HandleAsync(new AccountCharged("ann", 100), Context(version: 2), TestContext.Current.CancellationToken);
        await projection.HandleAsync(new AccountCharged("ann", 30), Context(version: 3), TestContext.Current.CancellationToken);

        var set = await table.RewindAsync("balances", "shop.accounts", 0, new StoredPosition(3, Epoch: 7), TestContext.Current.CancellationToken);
        var late = await table.RewindAsync("balances", "shop.accounts", 0, new StoredPosition(1, Epoch: 6), TestContext.Current.CancellationToken);
        Assert.Equal((new StoredPosition(3, 7), new StoredPosition(3, 7)), (set, late));
        Assert.Equal([100L], Balances(table));

        await Assert.ThrowsAsync<InvalidOperationException>(() => projection.HandleAsync(new AccountCharged("ann", 30), Context(version: 3), TestContext.Current.CancellationToken).AsTask());
        await projection.HandleAsync(new AccountCharged("ann", 30), Context(version: 3) with { Epoch = 7 }, TestContext.Current.CancellationToken);

        Assert.Equal([130L], Balances(table));
        Assert.Equal(new StoredPosition(4, 7), await table.ReadAsync("balances", "shop.accounts", 0, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_processes_of_one_file_share_its_id_and_another_file_has_another_one()
    {
        var id = Open().Id;
        Assert.Equal(id, Open().Id);

        SqliteConnection.ClearAllPools();
        _data.GetFiles().ToList().ForEach(file => file.Delete());

        Assert.NotEqual(id, Open().Id);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _data.Delete(recursive: true);
    }

    private BalanceTable Open() => new(new ShopOptions { Data = _data.FullName });

    private static List<long> Balances(BalanceTable table) => table.Query("SELECT sum(amount) FROM changes GROUP BY customer", row => row.GetInt64(0));

    private static EventContext Context(long version) => new()
    {
        Group = "balances",
        EventId = $"event {version}",
        Source = "/account",
        EventType = "account-charged",
        Time = DateTimeOffset.UnixEpoch,
        Topic = "shop.accounts",
        Partition = 0,
        Offset = version,
        Stream = new StreamId("account", "ann"),
        Version = version,
    };
}
