using System.Data.Common;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>One append: in the transaction that its context has, or else in one of its own, as often as the context's execution strategy wants.</summary>
internal sealed class AppendAttempts(DbContext context, StoreParts parts, PreparedAppend append)
{
    private const string Savepoint = "messaging_append";

    private readonly EventDatabase _database = parts.Database;
    private readonly ProjectedAppend? _projected = ProjectedAppend.Of(parts, append);
    private bool _isHandedOver;
    private bool _isInDoubt;

    /// <summary>Appends within the current transaction. The caller commits, and is told what the database said.</summary>
    public async Task<AppendResult> RunWithinAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _database.NeedsSavepoint || _projected is not null
                ? await AppendBehindSavepointAsync(context.Database.CurrentTransaction!, cancellationToken).ConfigureAwait(false)
                : await AppendAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (_projected is { IsHandling: true } && !cancellationToken.IsCancellationRequested)
        {
            throw _projected.Failed(exception, IsTransient(exception));
        }
        catch (DbException exception) when (cancellationToken.IsCancellationRequested && _database.IsCancellation(exception))
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (DbException exception)
        {
            throw await FailedAsync(exception).ConfigureAwait(false);
        }
    }

    /// <summary>Appends in a transaction of its own.</summary>
    public async Task<AppendResult> RunAloneAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, parts.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        try
        {
            var result = await context.Database.CreateExecutionStrategy().ExecuteAsync(AttemptAsync, linked.Token).ConfigureAwait(false);
            parts.Appended.Set();
            return result;
        }
        catch (Exception exception) when (_isInDoubt && !IsFinal(exception))
        {
            throw new AppendOutcomeUnknownException(append.ToPending(), exception);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && _database.IsCancellation(exception))
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (limit.IsCancellationRequested && _database.IsCancellation(exception))
        {
            throw new EventStoreDatabaseException(
                $"Append {append.Id} to stream '{append.Stream}' was not done within {timeout}; nothing was written.{await FindBlockerAsync(exception).ConfigureAwait(false)}", isTransient: true, exception);
        }
        catch (Exception exception) when (_projected is { IsHandling: true })
        {
            throw _projected.Failed(exception, IsTransient(exception));
        }
        catch (Exception exception) when (exception is not MessagingException)
        {
            throw await FailedAsync(exception).ConfigureAwait(false);
        }
    }

    // An earlier attempt, should the database still be at it, meets the same conflict: versions only grow.
    private static bool IsFinal(Exception exception) => exception is StreamConflictException { Expected.Exact: { } expected } conflict && expected < conflict.Actual;

    private async Task<EventStoreDatabaseException> FailedAsync(Exception exception) => new(
        $"Cannot append to stream '{append.Stream}': {CauseOf(exception).Message} Nothing was written.{await FindBlockerAsync(exception).ConfigureAwait(false)}", IsTransient(exception), exception);

    // What the database said, and not what an execution strategy makes of it.
    private static Exception CauseOf(Exception exception) => exception is InvalidOperationException { InnerException: DbException cause } ? cause : exception;

    private async Task<string> FindBlockerAsync(Exception exception) =>
        await _database.FindBlockerAsync(context, exception).ConfigureAwait(false) is { } blocker ? $" It waited for {blocker}." : "";

    private bool IsTransient(Exception exception) => _database.IsTransient(exception.GetBaseException()) || _database.IsTransient(exception);

    private async Task<AppendResult> AttemptAsync(CancellationToken cancellationToken)
    {
        using var turn = await _database.EnterAsync(context, cancellationToken).ConfigureAwait(false);
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            // Without a transaction of its own, the statement is one.
            var isTransaction = _database.NeedsTransaction || append.Events.Count > _database.EventsPerStatement || _projected is not null;
            _isHandedOver = !isTransaction;
            return isTransaction
                ? await InTransactionAsync(cancellationToken).ConfigureAwait(false)
                : await AppendAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not MessagingException)
        {
            // What was handed over before stays in doubt, whatever becomes of this attempt. It is found by its id when it is tried again.
            _isInDoubt |= _isHandedOver && !_database.IsRolledBack(exception);
            throw;
        }
        finally
        {
            await context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    private async Task<AppendResult> InTransactionAsync(CancellationToken cancellationToken)
    {
        var transaction = await context.Database.BeginTransactionAsync(_database.Isolation, cancellationToken).ConfigureAwait(false);

        await using (transaction.ConfigureAwait(false))
        {
            var result = await AppendAsync(cancellationToken).ConfigureAwait(false);

            // Not to be cancelled: whether it took place would not be known.
            _isHandedOver = true;
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            return result;
        }
    }

    // A handler that fails takes the append with it, whatever the caller makes of the exception; everything before it stays. So does a command that is given up.
    private async Task<AppendResult> AppendBehindSavepointAsync(IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        if (!transaction.SupportsSavepoints)
        {
            throw new InvalidOperationException("The append needs a savepoint, which the transaction does not support: turn MultipleActiveResultSets off in the connection string.");
        }

        await transaction.CreateSavepointAsync(Savepoint, cancellationToken).ConfigureAwait(false);

        try
        {
            var result = await AppendAsync(cancellationToken).ConfigureAwait(false);
            await transaction.ReleaseSavepointAsync(Savepoint, cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch
        {
            await RollBackAsync(transaction).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task RollBackAsync(IDbContextTransaction transaction)
    {
        try
        {
            await transaction.RollbackToSavepointAsync(Savepoint, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // The connection is gone, and the transaction with it. The caller is told what came first.
        }
    }

    private async Task<AppendResult> AppendAsync(CancellationToken cancellationToken)
    {
        _projected?.Begin();
        var command = new AppendCommand(context, parts.SqlOf(context), _database, append);

        if (await command.ExecuteAsync(cancellationToken).ConfigureAwait(false) is { } taken)
        {
            // Not for an append that was made before. A crash in between leaves neither: both are of one transaction.
            await (_projected?.RunAsync(context, taken, cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
            return new(taken.Version, EventRows.PositionOf(taken.Number));
        }

        return await StoredAppends.FindAsync(context, append.Stream, append.Id, cancellationToken).ConfigureAwait(false)
            ?? throw await StoredAppends.ConflictAsync(context, append, cancellationToken).ConfigureAwait(false);
    }
}
