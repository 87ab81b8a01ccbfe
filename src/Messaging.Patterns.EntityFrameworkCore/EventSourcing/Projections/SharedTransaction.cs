using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

/// <summary>Lets a context work on the connection of another one, in its current transaction, until it is disposed of. The context may come from a pool, and go back to it.</summary>
internal sealed class SharedTransaction : IAsyncDisposable
{
    private readonly DbContext _context;
    private readonly DbConnection _connection;
    private readonly bool _isOwned;

    private SharedTransaction(DbContext context)
    {
        var options = RelationalOptionsExtension.Extract(context.GetService<IDbContextOptions>());
        (_context, _connection, _isOwned) = (context, context.Database.GetDbConnection(), options.Connection is null || options.IsConnectionOwned);

        // A context disposes of its connection when it gets another one. Npgsql's is then of no use any more, and Sqlite's, which has no copies, still is.
        if (_isOwned && _connection is ICloneable original)
        {
            _connection = (DbConnection)original.Clone();
        }
    }

    /// <summary>Lets a context work in the transaction of another one.</summary>
    /// <param name="context">The context, which has done nothing yet.</param>
    /// <param name="other">The one whose transaction it is.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public static async Task<SharedTransaction> JoinAsync(DbContext context, DbContext other, CancellationToken cancellationToken)
    {
        var shared = new SharedTransaction(context);

        context.Database.SetDbConnection(other.Database.GetDbConnection(), contextOwnsConnection: false);
        context.Database.SetCommandTimeout(other.Database.GetCommandTimeout());
        await context.Database.UseTransactionAsync(other.Database.CurrentTransaction!.GetDbTransaction(), cancellationToken).ConfigureAwait(false);
        return shared;
    }

    public async ValueTask DisposeAsync()
    {
        await _context.Database.UseTransactionAsync(null).ConfigureAwait(false);
        _context.Database.SetDbConnection(_connection, _isOwned);
    }
}
