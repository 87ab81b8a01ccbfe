using Messaging.Patterns.Outbox;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Healthy when the relay reaches database and broker and nothing is parked.</summary>
internal sealed class OutboxRelayHealthCheck(OutboxRelay relay) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (relay.State.Trouble is { } trouble)
        {
            return HealthCheckResult.Unhealthy(trouble.Message, trouble);
        }

        if (!relay.State.IsRunning)
        {
            return HealthCheckResult.Degraded("The relay looks at its tables.");
        }

        var backlog = await relay.MeasureAsync(cancellationToken).ConfigureAwait(false);
        var data = new Dictionary<string, object>
        {
            ["rows"] = backlog.Rows,
            ["oldest"] = backlog.Oldest ?? TimeSpan.Zero,
            ["parked"] = backlog.Parked,
            ["buckets"] = relay.Dispatch.Buckets.Count,
        };
        return backlog.Parked > 0 ? HealthCheckResult.Degraded($"{backlog.Parked} events can never be sent as they are, and are parked.", data: data)
            : relay.State.MissingTopics is { Count: > 0 } topics ? HealthCheckResult.Degraded($"Topics do not exist: '{string.Join("', '", topics)}'. Their events wait; create them, or correct their names.", data: data)
            : relay.State.IsSendingBroken ? HealthCheckResult.Degraded("The broker does not take events; they wait.", data: data)
            : HealthCheckResult.Healthy("The relay runs.", data);
    }
}
