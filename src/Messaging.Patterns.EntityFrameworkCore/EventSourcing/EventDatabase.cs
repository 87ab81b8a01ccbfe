using System.Data;
using System.Data.Common;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>What databases do differently for an event store.</summary>
internal abstract class EventDatabase
{
    /// <summary>Gets whether one command is no transaction of its own with a snapshot for each of its statements.</summary>
    public abstract bool NeedsTransaction { get; }

    /// <summary>Gets whether a transaction goes on after a command that failed or was given up, with whatever that had done.</summary>
    public virtual bool NeedsSavepoint => false;

    /// <summary>Gets the isolation level of transactions that append and do nothing else.</summary>
    public virtual IsolationLevel Isolation => IsolationLevel.Unspecified;

    /// <summary>Gets the most events that one statement inserts: each takes six parameters, of which SQLite takes 32,766 and PostgreSQL 65,535.</summary>
    public virtual int EventsPerStatement => 1_000;

    /// <summary>
    /// Returns what appends if the stream is as expected and has no append with the id, and answers number and version of the events inserted. Appends to the stream wait
    /// for each other up to the end of their transactions, and draw their numbers only then.
    /// </summary>
    /// <param name="sql">The table.</param>
    /// <param name="expectation">A condition of <c>head.version</c>.</param>
    /// <param name="values">Rows of index and six parameters.</param>
    public abstract string Append(EventSql sql, string expectation, string values);

    /// <summary>Returns what adds further events to an append that has taken its place in the same transaction, from <c>@version</c> and <c>@number</c> on.</summary>
    /// <param name="sql">The table.</param>
    /// <param name="values">Rows of index and six parameters.</param>
    public virtual string Add(EventSql sql, string values) => sql.Add(values);

    /// <summary>Waits for the right to begin a transaction; dispose of what it returns after its end.</summary>
    public virtual ValueTask<IDisposable?> EnterAsync(DbContext context, CancellationToken cancellationToken) => new((IDisposable?)null);

    /// <summary>Returns whether what failed so can never have been committed.</summary>
    public abstract bool IsRolledBack(Exception exception);

    /// <summary>Returns whether trying again may succeed.</summary>
    public virtual bool IsTransient(Exception exception) => exception is DbException { IsTransient: true } or TimeoutException;

    /// <summary>Returns whether this is how a call ends that was cancelled.</summary>
    public virtual bool IsCancellation(Exception exception) => exception is OperationCanceledException;

    /// <summary>Returns which transactions have ended and what can be seen, at one moment.</summary>
    /// <remarks>Where one transaction appends at a time, numbers become visible in their order, and what is visible is final.</remarks>
    /// <param name="context">A context without a transaction.</param>
    /// <param name="known">The highest number that is known already.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public virtual async Task<FeedSnapshot> ObserveAsync(DbContext context, long known, CancellationToken cancellationToken)
    {
        var highest = await CommittedRows.Of<EventRow>(context).MaxAsync(row => (long?)row.Number, cancellationToken).ConfigureAwait(false);
        return new(0, 0, highest ?? 0);
    }

    /// <summary>Returns who holds the oldest transaction that has not ended, in words, or <see langword="null"/> if there is none any more.</summary>
    public virtual Task<string?> FindHolderAsync(DbContext context, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Returns who kept an append waiting until it failed, in words, or <see langword="null"/> if nobody did or it cannot be told.</summary>
    public virtual Task<string?> FindBlockerAsync(DbContext context, Exception failure) => Task.FromResult<string?>(null);

    /// <summary>Returns statements after which nothing can be inserted, and everything that was is visible.</summary>
    /// <param name="sql">The table.</param>
    public abstract string Seal(EventSql sql);

    /// <summary>Returns statements that undo those.</summary>
    /// <param name="sql">The table.</param>
    public abstract string Unseal(EventSql sql);

    /// <summary>Returns what is wrong with the provider of a context, and the remedy; <see langword="null"/> if it is the one that this is written for.</summary>
    public virtual string? FindProviderFault(DbContext context) => null;

    /// <summary>Returns the columns of each unique index of the table, separated by commas.</summary>
    public abstract Task<IReadOnlyList<string>> FindUniqueIndexesAsync(DbContext context, CancellationToken cancellationToken);

    /// <summary>Returns what is wrong with a table that is there, each fault with its remedy.</summary>
    public abstract Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken);
}
