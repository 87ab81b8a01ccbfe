using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>The relay of a context, for those who act on it.</summary>
internal sealed class ContextOutboxRelay<TContext>(OutboxRelay relay) : IOutboxRelay<TContext>
    where TContext : DbContext
{
    public bool IsPaused => relay.Dispatch.IsPaused;

    public int Held => relay.Dispatch.Get(queue => queue.Held);

    public void Pause() => relay.Dispatch.IsPaused = true;

    public void Resume()
    {
        relay.Dispatch.IsPaused = false;
        relay.Work.Set();
    }

    public Task<IReadOnlyList<ParkedEvent>> GetParkedAsync(int atMost, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(atMost);
        return relay.Table.GetParkedAsync(atMost, cancellationToken);
    }

    public async Task<int> ReplayAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var replayed = await relay.Table.ReplayAsync(key, cancellationToken).ConfigureAwait(false);
        relay.Work.Set();
        return replayed;
    }

    public async Task<bool> SkipAsync(long id, CancellationToken cancellationToken = default)
    {
        var isSkipped = await relay.Table.SkipAsync(id, cancellationToken).ConfigureAwait(false);
        relay.Work.Set();
        return isSkipped;
    }
}
