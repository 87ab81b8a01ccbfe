using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Who is told that a transaction with events has committed, in the process that committed it.</summary>
internal sealed class OutboxCommits
{
    // Transactions in which events were written, and contexts that did so without one of their own.
    private readonly ConditionalWeakTable<object, object> _written = [];
    private ImmutableArray<Action> _told = [];

    /// <summary>Adds somebody, who must not wait and not throw: commits tell it.</summary>
    public void Add(Action told) => ImmutableInterlocked.Update(ref _told, all => all.Add(told));

    /// <summary>Events are being written in a transaction, or by a context that has none.</summary>
    public void Wrote(object transactionOrContext) => _written.AddOrUpdate(transactionOrContext, this);

    /// <summary>A transaction, or what a context without one has saved, is committed.</summary>
    public void Committed(object? transactionOrContext)
    {
        if (transactionOrContext is null || !_written.Remove(transactionOrContext))
        {
            return;
        }

        foreach (var told in _told)
        {
            told();
        }
    }
}
