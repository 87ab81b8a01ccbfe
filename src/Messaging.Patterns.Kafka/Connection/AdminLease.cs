using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>An admin client that is closed when the last of those who hold it lets it go.</summary>
internal sealed class AdminLease(IAdminClient client)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Who made the lease holds it.
    private int _holders = 1;

    /// <summary>Gets the client.</summary>
    public IAdminClient Client => client;

    /// <summary>Gets the task that completes when the client is closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Holds the client. Only for somebody who is sure that another one holds it.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Lets the client go, and closes it if nobody else holds it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            client.Dispose();
            _closed.SetResult();
        }
    }
}
