using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Messaging.Patterns.Testing.Embedded;

/// <summary>A mock cluster and the client that it lives in.</summary>
internal sealed class MockClusterHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    // Errors only: the client has no brokers of its own, and says so at every start otherwise.
    private const string LogLevel = "3";
    private const int MaxErrorLength = 512;

    private readonly nint _client;

    private MockClusterHandle(nint client, int brokers)
        : base(ownsHandle: true)
    {
        _client = client;
        SetHandle(LibrdkafkaMock.NewCluster(client, brokers));
    }

    public static MockClusterHandle Start(int brokers)
    {
        var cluster = new MockClusterHandle(CreateClient(), brokers);

        if (cluster.IsInvalid)
        {
            LibrdkafkaMock.DestroyClient(cluster._client);
            throw new MessagingException($"librdkafka could not start its mock cluster with {brokers} broker(s).");
        }

        return cluster;
    }

    protected override bool ReleaseHandle()
    {
        LibrdkafkaMock.DestroyCluster(handle);
        LibrdkafkaMock.DestroyClient(_client);
        return true;
    }

    private static nint CreateClient()
    {
        Span<byte> error = stackalloc byte[MaxErrorLength];
        var configuration = LibrdkafkaMock.NewConfiguration();
        var client = LibrdkafkaMock.Set(configuration, "log_level", LogLevel, error, MaxErrorLength) == 0
            ? LibrdkafkaMock.NewClient(LibrdkafkaMock.TypeOfProducer, configuration, error, MaxErrorLength)
            : 0;

        if (client == 0)
        {
            LibrdkafkaMock.DestroyConfiguration(configuration);
            throw new MessagingException($"librdkafka could not make the client of its mock cluster: {Encoding.UTF8.GetString(error).TrimEnd('\0')}.");
        }

        return client;
    }
}
