using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>What a subscription is doing in this process.</summary>
internal sealed class SubscriptionState : IHealthCheck
{
    /// <summary>Gets or sets whether this instance works on the subscription.</summary>
    public bool IsOwner { get; set; }

    /// <summary>Gets or sets what keeps it from going on.</summary>
    public Exception? Trouble { get; set; }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        Trouble is { } trouble ? HealthCheckResult.Unhealthy($"The subscription does not go on: {trouble.Message}", trouble)
        : HealthCheckResult.Healthy(IsOwner ? "This instance works on the subscription." : "Another instance works on the subscription, or none has begun."));
}
