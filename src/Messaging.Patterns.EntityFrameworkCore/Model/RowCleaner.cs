using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore;

/// <summary>Deletes what is too old from a table of a context, again and again.</summary>
internal abstract class RowCleaner<TContext>(IServiceScopeFactory scopes, TimeProvider time) : BackgroundService
    where TContext : DbContext
{
    /// <summary>Gets how long it waits between two times.</summary>
    protected abstract TimeSpan Interval { get; }

    /// <summary>Deletes what is too old now.</summary>
    /// <returns>How many rows were deleted.</returns>
    public async Task<int> CleanUpAsync(CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            return await CleanUpAsync(scope.ServiceProvider.GetRequiredService<TContext>(), time.GetUtcNow().UtcDateTime, cancellationToken).ConfigureAwait(false);
        }
    }

    protected abstract Task<int> CleanUpAsync(TContext context, DateTime now, CancellationToken cancellationToken);

    /// <summary>Says that it failed this time.</summary>
    protected abstract void NotCleaned(Exception exception);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(false);

            try
            {
                await CleanUpAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Rows that stay longer do no harm.
                NotCleaned(exception);
            }
        }
    }
}
