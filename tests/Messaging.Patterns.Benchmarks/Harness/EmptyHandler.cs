using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>Does nothing but count the events, one by one or in batches.</summary>
internal sealed class EmptyHandler(Counting counting) : IEventHandler<OrderPlaced>, IEventBatchHandler<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced @event, EventContext context, CancellationToken cancellationToken = default)
    {
        counting.Add();
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(IReadOnlyList<EventEnvelope<OrderPlaced>> events, CancellationToken cancellationToken = default)
    {
        foreach (var _ in events)
        {
            counting.Add();
        }

        return ValueTask.CompletedTask;
    }
}
