using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;

/// <summary>
/// Tells relays in other processes of commits: after them, on a connection of its own, many commits at once. A notification inside the committing transaction
/// would be surer, and let all commits of the database wait for each other. One that is lost costs up to the relay's poll interval.
/// </summary>
internal sealed partial class CommitNotifier<TContext>(
    IServiceProvider services, IOptionsMonitor<OutboxOptions> options, TimeProvider time, ILogger<CommitNotifier<TContext>> logger) : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    private readonly OutboxSignal _committed = new();

    public override void Dispose()
    {
        base.Dispose();
        _committed.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Get(typeof(TContext).FullName).NotifyRelays)
        {
            return;
        }

        services.GetRequiredKeyedService<OutboxCommits>(typeof(TContext)).Add(_committed.Set);
        var relay = services.GetKeyedService<OutboxRelay>(typeof(TContext));

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _committed.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(false);

                // The relay of this process knows already. Who sends alone has nobody to tell.
                if (relay is null or { Instances: > 1 })
                {
                    await NotifyAsync(stoppingToken).ConfigureAwait(false);
                }

                await Task.Delay(AtMostEvery, time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Polling finds it; without the database nobody sends anyway.
                Log.NotTold(logger, exception);
                await Task.Delay(AfterTrouble, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private Task<int> NotifyAsync(CancellationToken cancellationToken) => ContextConnection.RunAsync<TContext, int>(
        services, (context, token) => context.Database.ExecuteSqlRawAsync(CommitChannel.Notify(context), token), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(2121, LogLevel.Debug, "Relays of other processes could not be told of a commit; they find it by polling.")]
        public static partial void NotTold(ILogger logger, Exception exception);
    }
}
