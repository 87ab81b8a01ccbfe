using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Looks at the tables of a context's outbox when the host starts, as soon as there is a database. A fault ends the host.</summary>
internal sealed partial class OutboxVerification<TContext>(
    IServiceScopeFactory scopes, IOptionsMonitor<OutboxOptions> options, TimeProvider time, ILogger<OutboxVerification<TContext>> logger) : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Get(typeof(TContext).FullName).VerifyTables)
        {
            return;
        }

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

            var faults = await new OutboxTables(context).FindFaultsAsync(cancellationToken).ConfigureAwait(false);

            // A database that went away meanwhile is no fault of its tables.
            if (faults.Count > 0 && await context.Database.CanConnectAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new OutboxTablesException(typeof(TContext).Name, faults);
            }

            return faults.Count == 0;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Warning, "The database of {Context} cannot be reached, or does not exist; its outbox tables are looked at again in {Delay}.")]
        public static partial void NoDatabase(ILogger logger, string context, TimeSpan delay);
    }
}
