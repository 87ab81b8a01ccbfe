using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>A client that sends, and how many are handing a record to it at this moment: it must not be closed under them.</summary>
internal sealed class ProducerClient(IProducer<byte[], byte[]> producer)
{
    private int _inside;
    private bool _isClosed;

    public IProducer<byte[], byte[]> Producer { get; } = producer;

    /// <summary>Begins to hand over a record, unless the client is closed; then <see cref="Leave"/> must follow.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _inside);

        if (!Volatile.Read(ref _isClosed))
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inside);

    /// <summary>Lets nobody in any more, and returns when the last one has left.</summary>
    public void Close()
    {
        Volatile.Write(ref _isClosed, true);

        // Between the write before and the read behind: whoever was not seen here has seen that it is closed.
        Interlocked.MemoryBarrier();
        SpinWait.SpinUntil(() => Volatile.Read(ref _inside) == 0);
    }
}
