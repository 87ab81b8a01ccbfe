using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>Deletes events from a context's inbox that are older than its window.</summary>
internal sealed partial class InboxCleaner<TContext>(
    IServiceScopeFactory scopes, IOptionsMonitor<InboxOptions> options, TimeProvider time, ILogger<InboxCleaner<TContext>> logger) : RowCleaner<TContext>(scopes, time)
    where TContext : DbContext
{
    private readonly InboxOptions _options = options.Get(typeof(TContext).FullName);

    protected override TimeSpan Interval => _options.CleanUpInterval;

    protected override Task<int> CleanUpAsync(TContext context, DateTime now, CancellationToken cancellationToken)
    {
        var end = now - _options.Window;
        return OldRows.DeleteAsync(Behind(context).Where(row => row.HandledAt < end), nameof(InboxRow.HandledAt), cancellationToken);
    }

    protected override void NotCleaned(Exception exception) => Log.NotCleaned(logger, exception, typeof(TContext).Name, _options.CleanUpInterval);

    // What lies at a position or beyond it comes again when the group goes on from there, however old it is.
    private static IQueryable<InboxRow> Behind(TContext context)
    {
        var positions = context.Set<InboxPositionRow>();
        return context.Set<InboxRow>().Where(row => !positions.Any(
            position => position.Group == row.Group && position.Topic == row.Topic && position.Partition == row.Partition && position.Next <= row.Offset));
    }

    private static partial class Log
    {
        [LoggerMessage(2050, LogLevel.Warning, "The inbox of {Context} could not be cleaned up; it is tried again in {Delay}.")]
        public static partial void NotCleaned(ILogger logger, Exception exception, string context, TimeSpan delay);
    }
}
