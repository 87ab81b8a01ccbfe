using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Messaging.Patterns.TestServers;

/// <summary>Stands between clients and a server on this machine, and can be told to be a bad network.</summary>
/// <remarks>It outlives its server: while that is away, connections are closed at once, as its machine would do.</remarks>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly int _targetPort;
    private volatile NetworkTrouble _trouble = NetworkTrouble.None;
    private Task _accepting = Task.CompletedTask;

    private TcpProxy(int targetPort) => _targetPort = targetPort;

    /// <summary>Gets the port that it listens on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Gets or sets what it does to all connections, those of now and those to come.</summary>
    public NetworkTrouble Trouble
    {
        get => _trouble;
        set
        {
            _trouble = value;

            foreach (var connection in _connections.Keys)
            {
                connection.TroubleChanged(value);
            }
        }
    }

    /// <summary>Starts a proxy on a free port of 127.0.0.1.</summary>
    /// <param name="targetPort">The server's port on 127.0.0.1.</param>
    public static TcpProxy Start(int targetPort)
    {
        var proxy = new TcpProxy(targetPort);
        proxy._listener.Start();
        proxy._accepting = proxy.AcceptAsync();
        return proxy;
    }

    /// <summary>Resets every connection there is now.</summary>
    public void Reset()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        Reset();
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;

            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var connection = new ProxyConnection(client, () => _trouble);

            if (_trouble.Refuses)
            {
                connection.Reset();
                connection.Dispose();
                continue;
            }

            // Added before it runs, so that its end finds it there.
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[connection] = ended.Task;
            _ = RunAsync(connection, ended);
        }
    }

    private async Task RunAsync(ProxyConnection connection, TaskCompletionSource ended)
    {
        using (connection)
        {
            await connection.RunAsync(_targetPort);
            _connections.TryRemove(connection, out _);
        }

        ended.SetResult();
    }
}
