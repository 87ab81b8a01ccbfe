using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Looks at tables of a context when the host starts, as soon as there is a database. A fault ends the host.</summary>
/// <param name="findFaultsAsync">Returns every fault, with its remedy.</param>
/// <param name="scopes">Makes the context.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed partial class TableVerification<TContext>(
    Func<TContext, CancellationToken, Task<IReadOnlyList<string>>> findFaultsAsync, IServiceScopeFactory scopes, TimeProvider time, ILogger<TableVerification<TContext>> logger)
    : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Adds a look at the tables to what a host does at its start, unless it is not wanted.</summary>
    public static void Add(IServiceCollection services, Func<IServiceProvider, bool> isWanted, Func<TContext, CancellationToken, Task<IReadOnlyList<string>>> findFaultsAsync) =>
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TableVerification<TContext>>(
            provider, isWanted(provider) ? findFaultsAsync : (_, _) => Task.FromResult<IReadOnlyList<string>>([])));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryVerifyAsync(stoppingToken).ConfigureAwait(false))
        {
            Log.NoDatabase(logger, typeof(TContext).Name, RetryAfter);
            await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryVerifyAsync(CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            var context = scope.ServiceProvider.GetRequiredService<TContext>();

            if (!await context.Database.CanConnectAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            IReadOnlyList<string> faults;

            try
            {
                faults = await findFaultsAsync(context, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is DbException or InvalidOperationException { InnerException: DbException })
            {
                // A database that went away meanwhile is no fault of its tables. Entity Framework Core wraps what it takes for transient.
                return false;
            }

            return faults.Count == 0 ? true : throw new MessagingTablesException(typeof(TContext).Name, faults);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Warning, "The database of {Context} cannot be reached, or does not exist; the messaging tables are looked at again in {Delay}.")]
        public static partial void NoDatabase(ILogger logger, string context, TimeSpan delay);
    }
}
