using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Tests.Servers;

/// <summary>The network that can be made bad, in front of a server that echoes.</summary>
public sealed class TcpProxyTests : IAsyncLifetime
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private TcpProxy _proxy = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _server.Start();
        _ = EchoAsync();
        _proxy = TcpProxy.Start(((IPEndPoint)_server.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Bytes_pass_both_ways_and_keep_their_order()
    {
        using var client = await ConnectAsync();
        var sent = Enumerable.Range(0, 1_000_000).Select(number => (byte)(number * 7)).ToArray();
        var sending = client.GetStream().WriteAsync(sent, Cancellation).AsTask();

        var received = new byte[sent.Length];
        await client.GetStream().ReadExactlyAsync(received, Cancellation);

        await sending;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Latency_counts_in_each_direction()
    {
        using var client = await ConnectAsync();
        _proxy.Trouble = new NetworkTrouble { Latency = TimeSpan.FromMilliseconds(40) };
        var started = Stopwatch.GetTimestamp();

        await EchoAsync(client, 1);

        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(75));
    }

    [Fact]
    public async Task What_stalls_passes_later()
    {
        using var client = await ConnectAsync();
        _proxy.Trouble = new NetworkTrouble { Stalls = true };
        var echo = EchoAsync(client, 1);
        Assert.NotSame(echo, await Task.WhenAny(echo, Task.Delay(50, Cancellation)));

        _proxy.Trouble = NetworkTrouble.None;

        Assert.Equal(1, await echo);
    }

    [Theory]
    [InlineData(NetworkDirections.ToServer)]
    [InlineData(NetworkDirections.ToClient)]
    public async Task A_connection_that_lost_bytes_is_reset_when_the_network_is_well_again(NetworkDirections direction)
    {
        using var client = await ConnectAsync();
        using var other = await ConnectAsync();
        await EchoAsync(client, 1);
        await EchoAsync(other, 1);
        _proxy.Trouble = new NetworkTrouble { Swallows = direction };
        var lost = EchoAsync(client, 2);
        Assert.NotSame(lost, await Task.WhenAny(lost, Task.Delay(50, Cancellation)));

        _proxy.Trouble = NetworkTrouble.None;

        await Assert.ThrowsAnyAsync<IOException>(() => lost);
        Assert.Equal(3, await EchoAsync(other, 3));
    }

    [Fact]
    public async Task Connections_are_reset_and_others_can_be_made()
    {
        using var client = await ConnectAsync();
        await EchoAsync(client, 1);

        _proxy.Reset();

        await Assert.ThrowsAnyAsync<IOException>(() => EchoAsync(client, 2));
        using var next = await ConnectAsync();
        Assert.Equal(3, await EchoAsync(next, 3));
    }

    [Fact]
    public async Task New_connections_are_refused()
    {
        _proxy.Trouble = new NetworkTrouble { Refuses = true };

        await AssertRefusedAsync();
    }

    [Fact]
    public async Task A_server_that_is_away_closes_connections_and_serves_new_ones_when_it_is_back()
    {
        var port = ((IPEndPoint)_server.LocalEndpoint).Port;
        _server.Stop();
        await AssertRefusedAsync();

        using var server = new TcpListener(IPAddress.Loopback, port);
        server.Start();
        using var next = await ConnectAsync();
        using var served = await server.AcceptTcpClientAsync(Cancellation);

        await next.GetStream().WriteAsync(new byte[] { 5 }, Cancellation);
        var received = new byte[1];
        await served.GetStream().ReadExactlyAsync(received, Cancellation);
        Assert.Equal(5, received[0]);
    }

    private async Task AssertRefusedAsync()
    {
        var exception = await Record.ExceptionAsync(async () =>
        {
            using var client = await ConnectAsync();
            await EchoAsync(client, 1);
        });

        // It depends on when the end of the connection arrives.
        Assert.True(exception is IOException or SocketException, $"{exception}");
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancellation);
        return client;
    }

    private static async Task<int> EchoAsync(TcpClient client, byte value)
    {
        await client.GetStream().WriteAsync(new[] { value }, Cancellation);
        var received = new byte[1];
        await client.GetStream().ReadExactlyAsync(received, Cancellation);
        return received[0];
    }

    private async Task EchoAsync()
    {
        while (true)
        {
            TcpClient client;

            try
            {
                client = await _server.AcceptTcpClientAsync(Cancellation);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                return;
            }

            _ = EchoBackAsync(client);
        }
    }

    private static async Task EchoBackAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await client.GetStream().CopyToAsync(client.GetStream(), Cancellation);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // Reset by the test.
            }
        }
    }
}
