using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>What the producer reports. It calls from a thread of its own.</summary>
internal sealed partial class LogPartition
{
    public void Acknowledged(Attempt attempt, long offset)
    {
        lock (_gate)
        {
            _writer.Acknowledged(attempt, offset);
        }

        SendWaiting();
    }

    public void Uncertain(Attempt attempt)
    {
        lock (_gate)
        {
            _writer.Uncertain(attempt);
        }

        SendWaiting();
    }

    public void NotPersisted(Attempt attempt, Exception? error, bool isFinal)
    {
        lock (_gate)
        {
            _writer.NotPersisted(attempt, error, isFinal);
        }

        SendWaiting();
    }
}
