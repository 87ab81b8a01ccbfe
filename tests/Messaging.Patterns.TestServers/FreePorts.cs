using System.Net;
using System.Net.Sockets;

namespace Messaging.Patterns.TestServers;

/// <summary>Finds ports that nobody uses on 127.0.0.1.</summary>
public static class FreePorts
{
    // Below those that the system gives to outgoing connections: a server that is down for a while finds its port free when it comes back.
    private const int First = 12_000;
    private const int End = 32_000;

    /// <summary>Returns ports that were free a moment ago, all different.</summary>
    public static int[] Find(int count)
    {
        var ports = new HashSet<int>();

        while (ports.Count < count)
        {
            if (Random.Shared.Next(First, End) is var port && IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);

        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
