using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shop;
using Shop.Balances;
using Shop.Http;
using Shop.Operations;
using Shop.Orders;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>What callers of the shop see.</summary>
public sealed class ShopHttpTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly string _customerId = $"customer-{Guid.NewGuid():N}"[..20];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_is_answered_with_202_and_an_address_that_knows_it()
    {
        await OpenAsync(charge: 100);

        var response = await PostAsync("/orders", new { customerId = _customerId, amount = 60 });

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var accepted = await response.Content.ReadFromJsonAsync<OrderAccepted>(Cancellation);
        Assert.Equal($"/orders/{accepted!.OrderId}?after={Uri.EscapeDataString(accepted.Position)}", response.Headers.Location!.ToString());
        var order = await shop.Client.GetFromJsonAsync<OrderView>(response.Headers.Location, Cancellation);
        Assert.Equal((accepted.OrderId, _customerId, 60), (order!.OrderId, order.CustomerId, order.Amount));
    }

    [Fact]
    public async Task An_order_that_can_be_paid_is_confirmed_and_another_one_rejected()
    {
        await OpenAsync(charge: 100);

        Assert.Equal(OrderStatus.Confirmed, (await PlaceAndWaitAsync(60)).Status);
        var rejected = await PlaceAndWaitAsync(60);

        Assert.Equal((OrderStatus.Rejected, "There is not enough money on the account."), (rejected.Status, rejected.Reason));
    }

    [Fact]
    public async Task An_order_of_someone_without_an_account_is_rejected_and_the_account_can_still_be_opened()
    {
        var order = await PlaceAndWaitAsync(60);

        Assert.Equal((OrderStatus.Rejected, "The customer has no account."), (order.Status, order.Reason));
        await OpenAsync(charge: 1);
    }

    [Fact]
    public async Task A_query_with_the_position_of_a_charge_sees_it()
    {
        var charged = await OpenAsync(charge: 100);

        Assert.Equal(100, (await GetBalanceAsync(charged)).Balance);
    }

    [Fact]
    public async Task A_command_sent_again_with_its_key_is_carried_out_once_and_answered_alike()
    {
        await OpenAsync(charge: 100);

        var first = await ReadAsync<Recorded>(await PostAsync($"/accounts/{_customerId}/charges", new { amount = 5 }, key: "twice"));
        var second = await ReadAsync<Recorded>(await PostAsync($"/accounts/{_customerId}/charges", new { amount = 5 }, key: "twice"));

        Assert.Equal(first, second);
        Assert.Equal(105, (await GetBalanceAsync(second)).Balance);
    }

    [Theory]
    [InlineData("/orders", """{"customerId":"ann","amount":0}""", "Amount")]
    [InlineData("/orders", """{"customerId":"not an id","amount":5}""", "CustomerId")]
    [InlineData("/accounts", """{"customerId":"ann","name":""}""", "Name")]
    [InlineData("/accounts/NOT-AN-ID/charges", """{"amount":5}""", "customerId")]
    public async Task A_command_that_breaks_a_rule_of_its_form_is_answered_with_the_field_named(string path, string body, string field)
    {
        using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

        var problem = await ReadProblemAsync(await shop.Client.PostAsync(path, content, Cancellation), HttpStatusCode.BadRequest);

        Assert.Contains(problem.GetProperty("errors").EnumerateObject(), error => error.Name.Equals(field, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_answered_with_a_problem()
    {
        using var content = new StringContent("{", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

        await ReadProblemAsync(await shop.Client.PostAsync("/orders", content, Cancellation), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_account_is_not_opened_twice()
    {
        await OpenAsync(charge: 1);

        var problem = await ReadProblemAsync(await PostAsync("/accounts", new { customerId = _customerId, name = "Again" }), HttpStatusCode.Conflict);

        Assert.Equal($"Customer '{_customerId}' already has an account.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task What_does_not_exist_is_answered_with_404()
    {
        await ReadProblemAsync(await PostAsync($"/accounts/{_customerId}/charges", new { amount = 5 }), HttpStatusCode.NotFound);
        await ReadProblemAsync(await shop.Client.GetAsync($"/balances/{_customerId}", Cancellation), HttpStatusCode.NotFound);
        await ReadProblemAsync(await shop.Client.GetAsync("/orders/none", Cancellation), HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/balances?after=nonsense")]
    [InlineData("/balances?after=shop.orders:0@1")]
    [InlineData("/orders?after=shop.accounts:0@1")]
    [InlineData("/orders?limit=0")]
    public async Task A_query_that_makes_no_sense_is_answered_with_400(string query) =>
        await ReadProblemAsync(await shop.Client.GetAsync(query, Cancellation), HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_position_that_is_not_reached_in_time_is_answered_with_503_and_when_to_ask_again()
    {
        using var client = await shop.StartAsync("impatient", ShopRoles.Read, "--Shop:WaitAtMost=00:00:00.1");

        var response = await client.GetAsync("/balances?after=shop.accounts:0@1000000", Cancellation);

        await ReadProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_process_that_only_reads_takes_no_commands_and_answers_queries()
    {
        var charged = await OpenAsync(charge: 100);
        using var client = await shop.StartAsync("reader", ShopRoles.Read);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsJsonAsync("/orders", new { }, Cancellation)).StatusCode);
        var balances = await client.GetFromJsonAsync<List<BalanceView>>($"/balances?after={Uri.EscapeDataString(charged.Position)}", Cancellation);
        Assert.Contains(balances!, balance => balance.CustomerId == _customerId);
    }

    [Fact]
    public async Task A_bug_of_the_handler_is_corrected_and_a_rewind_makes_the_balances_right()
    {
        await OpenAsync(charge: 100);
        await PutAsync(hasBug: true);
        Assert.Equal(OrderStatus.Confirmed, (await PlaceAndWaitAsync(30)).Status);
        await UntilBalanceAsync(130);

        await PutAsync(hasBug: false);
        Assert.Equal(131, (await GetBalanceAsync(await ChargeAsync(1))).Balance);

        // What is counted as repeated is what the group has committed.
        await UntilOperationsAsync(view => view.Lag == 0);
        var rewind = await ReadAsync<RewindAccepted>(await PostAsync("/operations/rewinds", new { hours = 2 }));

        Assert.True(rewind.Repeated >= 4, $"{rewind.Repeated} events are repeated.");
        await UntilBalanceAsync(71);
        await UntilOperationsAsync(view => view.Rewind is { IsDone: true, Progress: 1 });
    }

    [Fact]
    public async Task The_endpoints_are_described_with_OpenAPI()
    {
        var document = await shop.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancellation);

        var paths = document.GetProperty("paths");
        Assert.True(paths.GetProperty("/orders").GetProperty("post").GetProperty("responses").TryGetProperty("202", out _));
        Assert.Equal(
            ["/accounts", "/accounts/{customerId}/charges", "/balances", "/balances/{customerId}", "/operations", "/operations/handler", "/operations/rewinds", "/orders", "/orders/{orderId}"],
            paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_page_is_served()
    {
        var page = await shop.Client.GetAsync("/", Cancellation);

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
    }

    private async Task UntilOperationsAsync(Func<OperationsView, bool> condition)
    {
        while (!condition((await shop.Client.GetFromJsonAsync<OperationsView>("/operations", Cancellation))!))
        {
            await Task.Delay(50, Cancellation);
        }
    }

    private async Task<Recorded> OpenAsync(long charge)
    {
        var opened = await PostAsync("/accounts", new { customerId = _customerId, name = "Ann" });
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        return await ReadAsync<Recorded>(await PostAsync($"/accounts/{_customerId}/charges", new { amount = charge }));
    }

    private async Task<OrderView> PlaceAndWaitAsync(long amount)
    {
        var placed = await PostAsync("/orders", new { customerId = _customerId, amount });

        while (true)
        {
            var order = await shop.Client.GetFromJsonAsync<OrderView>(placed.Headers.Location, Cancellation);

            if (order!.Status != OrderStatus.Placed)
            {
                return order;
            }

            await Task.Delay(20, Cancellation);
        }
    }

    private async Task<Recorded> ChargeAsync(long amount) => await ReadAsync<Recorded>(await PostAsync($"/accounts/{_customerId}/charges", new { amount }));

    private async Task PutAsync(bool hasBug) => (await shop.Client.PutAsJsonAsync("/operations/handler", new { hasBug }, Cancellation)).EnsureSuccessStatusCode();

    private async Task UntilBalanceAsync(long balance)
    {
        while ((await shop.Client.GetFromJsonAsync<List<BalanceView>>("/balances", Cancellation))!.SingleOrDefault(one => one.CustomerId == _customerId)?.Balance != balance)
        {
            await Task.Delay(20, Cancellation);
        }
    }

    private async Task<BalanceView> GetBalanceAsync(Recorded after) =>
        (await shop.Client.GetFromJsonAsync<BalanceView>($"/balances/{_customerId}?after={Uri.EscapeDataString(after.Position)}", Cancellation))!;

    private async Task<HttpResponseMessage> PostAsync(string path, object command, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(command) };

        if (key is not null)
        {
            request.Headers.Add(IdempotencyKey.Header, key);
        }

        return await shop.Client.SendAsync(request, Cancellation);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync<T>(Cancellation))!;
    }

    private static async Task<JsonElement> ReadProblemAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        Assert.Equal((expected, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
