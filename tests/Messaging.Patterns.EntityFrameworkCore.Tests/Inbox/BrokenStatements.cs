using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>Changes the statements of a context, so that a lock or a comparison is missing.</summary>
/// <param name="original">What they say, as an expression; empty for nothing that is changed.</param>
/// <param name="broken">What they say instead.</param>
internal sealed class BrokenStatements(string original, string broken) : DbCommandInterceptor
{
    private int _changed;

    /// <summary>Gets whether it changed what it was to change: a mutant must not silently be the original.</summary>
    public bool IsInForce => original.Length == 0 || _changed > 0;

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Break(command);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Break(command);
        return ValueTask.FromResult(result);
    }

    private void Break(DbCommand command)
    {
        if (original.Length > 0 && Regex.IsMatch(command.CommandText, original))
        {
            _changed++;
            command.CommandText = Regex.Replace(command.CommandText, original, broken);
        }
    }
}

/// <summary>Takes the lock that keeps the epoch as the first statement of a transaction.</summary>
internal sealed class LocksFirst : DbTransactionInterceptor
{
    public bool IsArmed { get; set; }

    public override async ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        if (!IsArmed)
        {
            return result;
        }

        await using var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (result, "SELECT 1 FROM messaging_inbox_position FOR KEY SHARE");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }
}
