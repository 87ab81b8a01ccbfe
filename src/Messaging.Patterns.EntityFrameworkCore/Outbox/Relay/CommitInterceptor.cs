using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Tells those who wait for it once a transaction with events has committed. What commits outside of a context's sight is found by polling.</summary>
internal sealed class CommitInterceptor(OutboxCommits commits) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    // Contexts of which a save has written events.
    private readonly ConditionalWeakTable<DbContext, object> _written = [];

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Note(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(SavingChanges(eventData, result));

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        // Otherwise the transaction is the caller's, and tells when it commits.
        if (eventData.Context!.Database.CurrentTransaction is null)
        {
            Wake(eventData.Context);
        }

        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        new(SavedChanges(eventData, result));

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Wake(eventData.Context);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Wake(eventData.Context);
        return Task.CompletedTask;
    }

    private void Note(DbContext context)
    {
        var detects = context.ChangeTracker.AutoDetectChangesEnabled;
        context.ChangeTracker.AutoDetectChangesEnabled = false;

        if (context.ChangeTracker.Entries<OutboxMessage>().Any(entry => entry.State == EntityState.Added))
        {
            _written.AddOrUpdate(context, this);
        }

        context.ChangeTracker.AutoDetectChangesEnabled = detects;
    }

    private void Wake(DbContext? context)
    {
        if (context is not null && _written.Remove(context))
        {
            commits.Tell();
        }
    }
}
