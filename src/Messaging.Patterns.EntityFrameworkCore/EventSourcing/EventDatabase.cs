using System.Data.Common;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>What databases do differently for an event store.</summary>
internal abstract class EventDatabase
{
    /// <summary>Gets whether one command is no transaction of its own with a snapshot for each of its statements.</summary>
    public abstract bool NeedsTransaction { get; }

    /// <summary>Returns a statement that makes appends to the stream <c>@stream</c> wait for each other up to the end of their transactions; empty where all wait anyway.</summary>
    /// <param name="sql">The table.</param>
    public abstract string Lock(EventSql sql);

    /// <summary>Returns an expression that draws the next number. It belongs to a transaction that others can see, before it is drawn.</summary>
    /// <param name="sql">The table.</param>
    public abstract string NextNumber(EventSql sql);

    /// <summary>Waits for the right to begin a transaction; dispose of what it returns after its end.</summary>
    public virtual ValueTask<IDisposable?> EnterAsync(DbContext context, CancellationToken cancellationToken) => new((IDisposable?)null);

    /// <summary>Returns whether what failed so can never have been committed.</summary>
    public abstract bool IsRolledBack(Exception exception);

    /// <summary>Returns whether trying again may succeed.</summary>
    public virtual bool IsTransient(Exception exception) => exception is DbException { IsTransient: true } or TimeoutException;

    /// <summary>Returns which transactions have ended and what can be seen, at one moment.</summary>
    /// <param name="context">A context without a transaction.</param>
    /// <param name="known">The highest number that is known already.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public abstract Task<FeedSnapshot> ObserveAsync(DbContext context, long known, CancellationToken cancellationToken);

    /// <summary>Returns who holds the oldest transaction that has not ended, in words, or <see langword="null"/> if there is none any more.</summary>
    public abstract Task<string?> FindHolderAsync(DbContext context, CancellationToken cancellationToken);

    /// <summary>Returns statements after which nothing can be inserted, and everything that was is visible.</summary>
    /// <param name="sql">The table.</param>
    public abstract string Seal(EventSql sql);

    /// <summary>Returns statements that undo those.</summary>
    /// <param name="sql">The table.</param>
    public abstract string Unseal(EventSql sql);

    /// <summary>Returns the columns of each unique index of the table, separated by commas.</summary>
    public abstract Task<IReadOnlyList<string>> FindUniqueIndexesAsync(DbContext context, CancellationToken cancellationToken);

    /// <summary>Returns what is wrong with a table that is there, each fault with its remedy.</summary>
    public abstract Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken);
}
