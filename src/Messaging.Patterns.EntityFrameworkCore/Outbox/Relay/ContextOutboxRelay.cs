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

    public async Task<IReadOnlyList<ParkedEvent>> GetParkedAsync(int atMost, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(atMost);
        var table = await relay.GetTableAsync(cancellationToken).ConfigureAwait(false);
        return await table.GetParkedAsync(atMost, cancellationToken).ConfigureAwait(false);
    }

    public async Task<int> ReplayAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var table = await relay.GetTableAsync(cancellationToken).ConfigureAwait(false);
        var replayed = await table.ReplayAsync(key, cancellationToken).ConfigureAwait(false);
        relay.Work.Set();
        return replayed;
    }

    public async Task<bool> SkipAsync(long id, CancellationToken cancellationToken = default)
    {
        var table = await relay.GetTableAsync(cancellationToken).ConfigureAwait(false);
        var isSkipped = await table.SkipAsync(id, cancellationToken).ConfigureAwait(false);
        relay.Work.Set();
        return isSkipped;
    }
}
