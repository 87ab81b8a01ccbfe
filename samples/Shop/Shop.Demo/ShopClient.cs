using System.Net;
using System.Net.Http.Json;
using Shop.Balances;
using Shop.Customers;
using Shop.Http;
using Shop.Operations;
using Shop.Orders;

namespace Shop.Demo;

/// <summary>Talks to one process of the shop, as patiently as a client should: what may work later is tried again, commands with the same key.</summary>
internal sealed class ShopClient(HttpClient http, Uri address)
{
    private static readonly TimeSpan TryAtMost = TimeSpan.FromMinutes(2);

    public Uri Address => address;

    public Task<Answer<Recorded>> OpenAsync(string customerId, string name, CancellationToken cancellationToken) =>
        SendAsync<Recorded>("/accounts", new OpenAccount(customerId, name), $"open {customerId}", cancellationToken);

    public Task<Answer<Recorded>> ChargeAsync(string customerId, long amount, string key, CancellationToken cancellationToken) =>
        SendAsync<Recorded>($"/accounts/{customerId}/charges", new ChargeAccount(amount), key, cancellationToken);

    public Task<Answer<OrderAccepted>> PlaceAsync(string customerId, long amount, string key, CancellationToken cancellationToken) =>
        SendAsync<OrderAccepted>("/orders", new PlaceOrder(customerId, amount), key, cancellationToken);

    public Task<OrderView> GetOrderAsync(string pathAndQuery, CancellationToken cancellationToken) => GetAsync<OrderView>(pathAndQuery, cancellationToken);

    public Task<OrderList> GetOrdersAsync(int limit, string after, CancellationToken cancellationToken) =>
        GetAsync<OrderList>($"/orders?limit={limit}&after={Uri.EscapeDataString(after)}", cancellationToken);

    public Task<BalanceView> GetBalanceAsync(string customerId, string after, CancellationToken cancellationToken) =>
        GetAsync<BalanceView>($"/balances/{customerId}?after={Uri.EscapeDataString(after)}", cancellationToken);

    public Task<List<BalanceView>> GetBalancesAsync(string after, CancellationToken cancellationToken) =>
        GetAsync<List<BalanceView>>($"/balances?after={Uri.EscapeDataString(after)}", cancellationToken);

    public Task<OperationsView> GetOperationsAsync(CancellationToken cancellationToken) => GetAsync<OperationsView>("/operations", cancellationToken);

    public async Task SetBugAsync(bool hasBug, CancellationToken cancellationToken)
    {
        using var response = await http.PutAsJsonAsync(new Uri(address, "/operations/handler"), new HandlerState(hasBug), cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public async Task<RewindAccepted> RewindAsync(double hours, CancellationToken cancellationToken) =>
        (await SendAsync<RewindAccepted>("/operations/rewinds", new RewindBalances(hours), "", cancellationToken)).Value;

    private async Task<T> GetAsync<T>(string pathAndQuery, CancellationToken cancellationToken) =>
        (await TryAsync<T>(() => new HttpRequestMessage(HttpMethod.Get, new Uri(address, pathAndQuery)), cancellationToken)).Value;

    private Task<Answer<T>> SendAsync<T>(string path, object command, string key, CancellationToken cancellationToken) => TryAsync<T>(
        () => new HttpRequestMessage(HttpMethod.Post, new Uri(address, path))
        {
            Content = JsonContent.Create(command, command.GetType()),
            Headers = { { IdempotencyKey.Header, key } },
        },
        cancellationToken);

    private async Task<Answer<T>> TryAsync<T>(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            using var request = create();
            using var response = await http.SendAsync(request, cancellationToken);

            if (response.IsSuccessStatusCode)
            {
                var value = await response.Content.ReadFromJsonAsync<T>(cancellationToken);
                return new Answer<T>(response.StatusCode, response.Headers.Location?.ToString(), value!);
            }

            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || TimeProvider.System.GetElapsedTime(started) > TryAtMost)
            {
                throw new HttpRequestException(
                    $"{request.Method} {request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }

            await Task.Delay(200, cancellationToken);
        }
    }
}
