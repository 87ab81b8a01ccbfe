using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Keeps a context from going on outside of its transaction when the connection broke and nobody was told.</summary>
/// <remarks>
/// When a save within a transaction is done, Entity Framework Core releases its savepoint, and passes over it if that fails. A connection that breaks just then is opened
/// again for the next query, without the transaction, and so the next save would store an entity whose event was rolled back. So a connection must not be opened while a
/// transaction that the context began has not ended, and no error has been told since. One that the context was given ends without its knowledge: there it must not be opened once a savepoint
/// could not be released. An ambient one has no savepoints, and does not complete without its connection. Found by <c>./eng/chaos.sh inbox</c>.
/// </remarks>
internal sealed class LostTransactionGuard : SaveChangesInterceptor, IDbTransactionInterceptor, IDbConnectionInterceptor, IDbCommandInterceptor
{
    // What Entity Framework Core calls the one whose failure it passes over.
    private const string UntoldAction = "ReleaseSavepoint";

    private static readonly LostTransactionGuard Instance = new();

    // Contexts with a transaction; pools lend a context again and again.
    private readonly ConditionalWeakTable<DbContext, object> _open = [];

    /// <summary>Guards all contexts of a type.</summary>
    public static void AddTo<TContext>(IServiceCollection services)
        where TContext : DbContext
    {
        if (services.All(service => service.ServiceType != typeof(Added<TContext>)))
        {
            services.AddSingleton<Added<TContext>>();
            services.ConfigureDbContext<TContext>(static options => options.AddInterceptors(Instance));
        }
    }

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        Remember(eventData.Context);
        return result;
    }

    public ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionStarted(connection, eventData, result));

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Forget(eventData.Context);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) => ForgetAsync(eventData.Context);

    public void TransactionRolledBack(DbTransaction transaction, TransactionEndEventData eventData) => Forget(eventData.Context);

    public Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) => ForgetAsync(eventData.Context);

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData)
    {
        if (eventData.Action == UntoldAction)
        {
            Remember(eventData.Context);
        }
        else
        {
            Forget(eventData.Context);
        }
    }

    public Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionFailed(transaction, eventData);
        return Task.CompletedTask;
    }

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Forget(eventData.Context);

    public Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default) => ForgetAsync(eventData.Context);

    public override void SaveChangesFailed(DbContextErrorEventData eventData) => Forget(eventData.Context);

    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default) => ForgetAsync(eventData.Context);

    public void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => Forget(eventData.Context);

    public Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData) => ForgetAsync(eventData.Context);

    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        if (eventData.Context is { } context && _open.TryGetValue(context, out var lease))
        {
            Forget(context);

            if (lease.Equals(context.ContextId))
            {
                throw new TransactionLostException();
            }
        }

        return result;
    }

    public ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(ConnectionOpening(connection, eventData, result));

    private void Remember(DbContext? context)
    {
        if (context is not null)
        {
            _open.AddOrUpdate(context, context.ContextId);
        }
    }

    private Task ForgetAsync(DbContext? context)
    {
        Forget(context);
        return Task.CompletedTask;
    }

    private void Forget(DbContext? context)
    {
        if (context is not null)
        {
            _open.Remove(context);
        }
    }

    private sealed class Added<TContext>;
}
