using System.Net;
using System.Net.Sockets;

namespace Messaging.Patterns.TestServers;

/// <summary>One connection through a proxy.</summary>
internal sealed class ProxyConnection(Socket client, Func<NetworkTrouble> trouble) : IDisposable
{
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ended = new();
    private NetworkDirections _lost;

    /// <summary>Carries bytes until either side closes, or the connection is reset.</summary>
    public async Task RunAsync(int targetPort)
    {
        try
        {
            client.NoDelay = _server.NoDelay = true;
            await _server.ConnectAsync(IPAddress.Loopback, targetPort, _ended.Token);
            var toServer = new ProxyPump(client, _server, NetworkDirections.ToServer, trouble, lost => _lost |= lost);
            var toClient = new ProxyPump(_server, client, NetworkDirections.ToClient, trouble, lost => _lost |= lost);

            // One side has closed and all that it said was passed on: nobody waits for more.
            await await Task.WhenAny(toServer.RunAsync(_ended.Token), toClient.RunAsync(_ended.Token));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Refused by the server, reset by a side, or by us: closed either way.
        }

        await _ended.CancelAsync();
    }

    /// <summary>The network changed. A connection that lost bytes in a direction that works again would pass nonsense: it is reset.</summary>
    public void TroubleChanged(NetworkTrouble now)
    {
        if ((_lost & ~now.Swallows) != NetworkDirections.None)
        {
            Reset();
        }
    }

    /// <summary>Ends the connection as a machine that forgot it would: with a reset, not with an orderly end.</summary>
    public void Reset()
    {
        try
        {
            client.LingerState = new LingerOption(enable: true, seconds: 0);
            client.Dispose();
            _ended.Cancel();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        _ended.Dispose();
    }
}
