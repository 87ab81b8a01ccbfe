using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Degraded while a transaction that does not end holds the feed back.</summary>
internal sealed class EventFeedHealthCheck(FeedWatch watch) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        watch.Holder is { } holder
            ? HealthCheckResult.Degraded($"The event feed has been held back for {watch.Longest()} by {holder}.")
            : HealthCheckResult.Healthy("Nothing holds the event feed back."));
}
