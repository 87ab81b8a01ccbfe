using System.Net;
using System.Net.Sockets;

namespace Messaging.Patterns.TestServers;

/// <summary>Finds ports that nobody uses on 127.0.0.1.</summary>
public static class FreePorts
{
    /// <summary>Returns ports that were free a moment ago, all different.</summary>
    public static int[] Find(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
