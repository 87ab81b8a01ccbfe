using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Deletes events that were sent long enough ago, where a context's model keeps them.</summary>
internal sealed partial class SentOutboxCleaner<TContext>(
    IServiceScopeFactory scopes, IOptionsMonitor<OutboxRelayOptions> options, TimeProvider time, ILogger<SentOutboxCleaner<TContext>> logger) : RowCleaner<TContext>(scopes, time)
    where TContext : DbContext
{
    private readonly OutboxRelayOptions _options = options.Get(typeof(TContext).FullName);

    protected override TimeSpan Interval { get; } = TimeSpan.FromMinutes(1);

    protected override Task<int> CleanUpAsync(TContext context, DateTime now, CancellationToken cancellationToken)
    {
        if (context.Model.FindEntityType(typeof(SentOutboxRow)) is null)
        {
            return Task.FromResult(0);
        }

        var end = now - _options.KeepSentFor;
        return OldRows.DeleteAsync(context.Set<SentOutboxRow>().Where(row => row.SentAt < end), nameof(SentOutboxRow.SentAt), cancellationToken);
    }

    protected override void NotCleaned(Exception exception) => Log.NotCleaned(logger, exception, typeof(TContext).Name, Interval);

    private static partial class Log
    {
        [LoggerMessage(2130, LogLevel.Warning, "The sent events of the outbox of {Context} could not be cleaned up; it is tried again in {Delay}.")]
        public static partial void NotCleaned(ILogger logger, Exception exception, string context, TimeSpan delay);
    }
}
