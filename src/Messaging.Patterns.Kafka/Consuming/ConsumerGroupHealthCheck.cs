using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Healthy while this process is a member and handles; unhealthy when a partition has stopped or the member has ended; degraded before there is one, and while keys stand still because an event of theirs fails.</summary>
internal sealed class ConsumerGroupHealthCheck(ConsumerGroup group) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (group.Failure is { } failure)
        {
            return HealthCheckResult.Unhealthy($"Consumer group '{group.Name}' has ended: {failure.Message}", failure);
        }

        if (group.Member is not { } member)
        {
            return HealthCheckResult.Degraded($"Consumer group '{group.Name}' waits for its topics: {string.Join(", ", group.Subscription)}.");
        }

        var partitions = member.Partitions;
        var data = partitions.ToDictionary(partition => partition.Name, object (partition) => partition.Failure?.Message ?? $"committed {partition.Committed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nothing"}");
        var stopped = partitions.Select(partition => partition.Failure).OfType<PartitionStoppedException>().ToList();

        var parked = group.ListParked();

        foreach (var one in parked.GroupBy(one => $"{one.Topic}:{one.Partition}"))
        {
            data[$"{one.Key} parked"] = $"{one.Count()} keys; first offset {one.First().Offset}, since {one.First().Since.UtcDateTime:O}: {one.First().ExceptionType}";
        }

        return stopped.Count > 0 ? HealthCheckResult.Unhealthy(string.Join(' ', stopped.Select(one => one.Message)), stopped[0].InnerException, data)
            : member.Trouble is { } trouble ? HealthCheckResult.Degraded($"Consumer group '{group.Name}' is in trouble and goes on by itself: {trouble}", data: data)
            : parked.Count > 0 ? HealthCheckResult.Degraded(
                $"Consumer group '{group.Name}' has keys that stand still because an event of theirs fails: {parked.Count}, the first at topic '{parked[0].Topic}', partition {parked[0].Partition}, offset {parked[0].Offset}: {parked[0].ExceptionType}.", data: data)
            : HealthCheckResult.Healthy($"Consumer group '{group.Name}' has {partitions.Count} partitions.", data);
    }
}
