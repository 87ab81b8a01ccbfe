using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>Deletes events from a context's inbox that are older than its window.</summary>
internal sealed partial class InboxCleaner<TContext>(
    IServiceScopeFactory scopes, IOptionsMonitor<InboxOptions> options, TimeProvider time, ILogger<InboxCleaner<TContext>> logger) : BackgroundService
    where TContext : DbContext
{
    // Short transactions, which hold nobody up.
    private const int RowsAtOnce = 1_000;

    private readonly InboxOptions _options = options.Get(typeof(TContext).FullName);

    /// <summary>Deletes what is older than the window now.</summary>
    /// <returns>How many events were deleted.</returns>
    public async Task<int> CleanUpAsync(CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            var context = scope.ServiceProvider.GetRequiredService<TContext>();
            var end = (time.GetUtcNow() - _options.Window).UtcDateTime;
            var rows = Behind(context).Where(row => row.HandledAt < end);
            var deleted = 0;

            // Up to the time of the thousandth: a range of the index, whatever else the table holds. Rows that share a time go together.
            while (await rows.OrderBy(row => row.HandledAt).Skip(RowsAtOnce - 1).Select(row => (DateTime?)row.HandledAt).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) is { } last)
            {
                deleted += await rows.Where(row => row.HandledAt <= last).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            }

            return deleted + await rows.ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // What lies at a position or beyond it comes again when the group goes on from there, however old it is.
    private static IQueryable<InboxRow> Behind(TContext context)
    {
        var positions = context.Set<InboxPositionRow>();
        return context.Set<InboxRow>().Where(row => !positions.Any(
            position => position.Group == row.Group && position.Topic == row.Topic && position.Partition == row.Partition && position.Next <= row.Offset));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_options.CleanUpInterval, time, stoppingToken).ConfigureAwait(false);
            await TryCleanUpAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task TryCleanUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CleanUpAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Rows that stay longer do no harm.
            Log.NotCleaned(logger, exception, typeof(TContext).Name, _options.CleanUpInterval);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2050, LogLevel.Warning, "The inbox of {Context} could not be cleaned up; it is tried again in {Delay}.")]
        public static partial void NotCleaned(ILogger logger, Exception exception, string context, TimeSpan delay);
    }
}
