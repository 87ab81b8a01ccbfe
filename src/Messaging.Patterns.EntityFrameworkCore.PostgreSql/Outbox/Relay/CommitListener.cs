using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;

/// <summary>Wakes the relay of this process when another process has committed events. Polling finds what it misses.</summary>
internal sealed partial class CommitListener<TContext>(
    IServiceProvider services, IOptionsMonitor<OutboxRelayOptions> options, TimeProvider time, ILogger<CommitListener<TContext>> logger) : BackgroundService
    where TContext : DbContext
{
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(30);

    private readonly OutboxSignal _work = services.GetRequiredKeyedService<OutboxSignal>(typeof(TContext));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Get(typeof(TContext).FullName).ListenForCommits)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ContextConnection.RunAsync<TContext, bool>(services, ListenAsync, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The relay itself tells of a database that is away.
                Log.NotListening(logger, exception, AfterTrouble);
                await Task.Delay(AfterTrouble, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> ListenAsync(TContext context, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)context.Database.GetDbConnection();
        var channel = (string?)await ExecuteAsync(connection, CommitChannel.SelectName(context), cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"LISTEN {channel}", cancellationToken).ConfigureAwait(false);

        while (true)
        {
            // After the first LISTEN too: what was committed before is not told of.
            _work.Set();

            while (!await connection.WaitAsync(LookAfter, cancellationToken).ConfigureAwait(false))
            {
                // A connection that is dead without a word is noticed.
                await ExecuteAsync(connection, "SELECT 1", cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);

        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2122, LogLevel.Debug, "Commits of other processes are found by polling; listening begins anew in {Delay}.")]
        public static partial void NotListening(ILogger logger, Exception exception, TimeSpan delay);
    }
}
