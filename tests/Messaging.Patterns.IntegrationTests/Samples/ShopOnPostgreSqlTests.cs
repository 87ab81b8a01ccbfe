using System.Net.Http.Json;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.TestServers;
using Shop;
using Shop.Balances;
using Shop.Http;
using Shop.Operations;
using Shop.Orders;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>Several machines of the shop, so to speak: each has a folder of its own, and all share the tables in PostgreSQL.</summary>
public sealed class ShopOnPostgreSqlTests(PostgreSqlFixture postgreSql)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_hosts_that_share_the_tables_answer_alike_also_after_a_rewind()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        using var folders = new TempFolder();
        await using var shop = new ShopFixture();
        var clients = new List<HttpClient>();

        foreach (var roles in new[] { ShopRoles.Write | ShopRoles.Listen, ShopRoles.Read, ShopRoles.Read })
        {
            var machine = $"machine-{clients.Count}";
            clients.Add(await shop.StartAsync(machine, roles, $"--Shop:Data={folders.Path}/{machine}", $"--Shop:Database={database.ConnectionString}"));
        }

        var (writer, readers) = (clients[0], clients[1..]);
        await PostAsync<Recorded>(writer, "/accounts", new { customerId = "ann", name = "Ann" });
        var charged = await PostAsync<Recorded>(writer, "/accounts/ann/charges", new { amount = 100 });
        Assert.All(await BalancesAsync(readers, charged), balance => Assert.Equal(100, balance));

        await readers[0].PutAsJsonAsync("/operations/handler", new { hasBug = true }, Cancellation);
        await PostAsync<OrderAccepted>(writer, "/orders", new { customerId = "ann", amount = 30 });
        await UntilAsync(async () => (await readers[1].GetFromJsonAsync<OrderList>("/orders", Cancellation))!.Counts.Confirmed == 1);
        await UntilAsync(async () => (await BalancesAsync(readers, charged)).All(balance => balance == 130));

        await readers[1].PutAsJsonAsync("/operations/handler", new { hasBug = false }, Cancellation);
        await UntilAsync(async () => (await readers[1].GetFromJsonAsync<OperationsView>("/operations", Cancellation))!.Lag == 0);
        Assert.True((await PostAsync<RewindAccepted>(readers[1], "/operations/rewinds", new { hours = 2 })).Repeated >= 3);
        await UntilAsync(async () => (await BalancesAsync(readers, charged)).All(balance => balance == 70));

        // The tables are in the database alone.
        Assert.Empty(Directory.GetFiles(folders.Path, "tables.db*", SearchOption.AllDirectories));
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<long[]> BalancesAsync(IEnumerable<HttpClient> readers, Recorded after) => await Task.WhenAll(readers.Select(async reader =>
        (await reader.GetFromJsonAsync<BalanceView>($"/balances/ann?after={Uri.EscapeDataString(after.Position)}", Cancellation))!.Balance));

    private static async Task<T> PostAsync<T>(HttpClient client, string path, object command)
    {
        var response = await client.PostAsJsonAsync(path, command, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync<T>(Cancellation))!;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(50, Cancellation);
        }
    }
}
