namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>The end of a feed, cancelled or left by its reader: nothing waits for it any more.</summary>
internal sealed class FeedEnd(CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _source.Cancel();
        _source.Dispose();
    }
}
