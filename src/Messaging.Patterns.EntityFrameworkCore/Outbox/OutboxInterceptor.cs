using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Takes part in every SaveChanges of a context: adds the events that entities have collected, and lets go of rows that are written.</summary>
internal sealed class OutboxInterceptor(OutboxWriter writer) : SaveChangesInterceptor
{
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        writer.AddCollected(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(SavingChanges(eventData, result));

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Forget(eventData.Context!);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        new(SavedChanges(eventData, result));

    // Nobody changes a row again, and a context that lives long would keep them all. Rows of a save that is not accepted yet are still to be written, should it be repeated.
    private static void Forget(DbContext context)
    {
        var detects = context.ChangeTracker.AutoDetectChangesEnabled;
        context.ChangeTracker.AutoDetectChangesEnabled = false;

        foreach (var entry in context.ChangeTracker.Entries<OutboxMessage>().Where(entry => entry.State == EntityState.Unchanged).ToList())
        {
            entry.State = EntityState.Detached;
        }

        context.ChangeTracker.AutoDetectChangesEnabled = detects;
    }
}
