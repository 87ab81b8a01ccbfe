using System.Diagnostics;
using System.Net.Http.Json;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Testing;
using Messaging.Patterns.TestServers;
using OutboxToKafka.Ordering;
using OutboxToKafka.Shipping;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The sample as somebody runs it: a process that is killed in the middle.</summary>
[Collection(WholeSystems.Name)]
public sealed class OutboxToKafkaTests(OneNodeKafka kafka, PostgreSqlFixture postgreSql)
{
    private const int Orders = 30;
    private const string Listening = "Now listening on: ";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The other one's topics and groups have the same names.
    [Fact]
    public async Task Each_order_gets_one_parcel_on_SQLite_and_the_embedded_broker_though_the_process_is_killed()
    {
        using var folder = new TempFolder();
        await using var embedded = EmbeddedKafka.Start();
        await CheckAsync(
            $"--Messaging:Kafka:BootstrapServers={embedded.BootstrapServers}", "--Messaging:Kafka:Profile=Development",
            $"--ConnectionStrings:Ordering=Data Source={folder.Path}/ordering.db", $"--ConnectionStrings:Shipping=Data Source={folder.Path}/shipping.db");
    }

    [Fact]
    public async Task Each_order_gets_one_parcel_on_PostgreSQL_though_the_process_is_killed()
    {
        await using var ordering = await postgreSql.CreateDatabaseAsync();
        await using var shipping = await postgreSql.CreateDatabaseAsync();
        await CheckAsync(
            $"--Messaging:Kafka:BootstrapServers={await kafka.GetAsync()}",
            $"--ConnectionStrings:Ordering={ordering.ConnectionString}", $"--ConnectionStrings:Shipping={shipping.ConnectionString}");
    }

    private static async Task CheckAsync(params string[] settings)
    {
        using var client = new HttpClient();
        using var first = Start(settings);
        client.BaseAddress = await AddressAsync(first);
        var placed = await PlaceAsync(client);

        // Some are under way in every stage.
        await UntilAsync(async () => (await ParcelsAsync(client)).Count > 0);
        first.Kill(entireProcessTree: true);
        await first.WaitForExitAsync(Cancellation);

        using var second = Start(settings);
        using var again = new HttpClient { BaseAddress = await AddressAsync(second) };
        placed.AddRange(await PlaceAsync(again));
        await UntilAsync(async () => (await OrdersAsync(again)).All(order => order.ParcelId is not null));

        var orders = await OrdersAsync(again);
        var parcels = await ParcelsAsync(again);
        second.Kill(entireProcessTree: true);
        await second.WaitForExitAsync(Cancellation);
        Assert.Equal(placed.Order(), orders.Select(order => order.Id).Order());
        Assert.Equal(orders.Select(order => (order.Id, order.ParcelId)).Order(), parcels.Select(parcel => (parcel.OrderId, (string?)parcel.Id)).Order());
    }

    private static async Task<List<string>> PlaceAsync(HttpClient client)
    {
        var placed = new List<string>();

        for (var number = 0; number < Orders; number++)
        {
            var response = await client.PostAsJsonAsync("/orders", new PlaceOrder("lamp", number + 1), Cancellation);
            placed.Add((await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Order>(Cancellation))!.Id);
        }

        return placed;
    }

    private static async Task<List<Order>> OrdersAsync(HttpClient client) => (await client.GetFromJsonAsync<List<Order>>("/orders", Cancellation))!;

    private static async Task<List<Parcel>> ParcelsAsync(HttpClient client) => (await client.GetFromJsonAsync<List<Parcel>>("/parcels", Cancellation))!;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(50, Cancellation);
        }
    }

    private static Process Start(string[] settings) =>
        ProcessRunner.Start("dotnet", [typeof(Order).Assembly.Location, "--urls", "http://127.0.0.1:0", .. settings]);

    private static async Task<Uri> AddressAsync(Process process)
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new List<string>();
        process.OutputDataReceived += (_, line) => Follow(line.Data);
        process.ErrorDataReceived += (_, line) => Follow(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return await address.Task.WaitAsync(Cancellation);

        void Follow(string? line)
        {
            lock (output)
            {
                output.Add(line ?? "");

                if (line is null)
                {
                    address.TrySetException(new InvalidOperationException($"The process ended: {string.Join('\n', output)}"));
                }
                else if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
                {
                    address.TrySetResult(new Uri(line[(at + Listening.Length)..]));
                }
            }
        }
    }
}
