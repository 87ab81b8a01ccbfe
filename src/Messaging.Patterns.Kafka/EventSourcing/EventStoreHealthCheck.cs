using Messaging.Patterns.Kafka.EventSourcing.Log;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Healthy when every partition is folded up to its end at the start; unhealthy when one has stopped.</summary>
internal sealed class EventStoreHealthCheck(EventLog log) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var partitions = log.Present.SelectMany(topic => topic.All).ToList();
        var data = partitions.ToDictionary(partition => partition.Name, object (partition) => Describe(partition));
        var stopped = partitions.FirstOrDefault(partition => partition.Failure is not null);

        return Task.FromResult(
            log.StartFailures.FirstOrDefault() is { } failure ? HealthCheckResult.Unhealthy(failure.Message, failure, data)
            : stopped is not null ? HealthCheckResult.Unhealthy(stopped.Failure!.Message, stopped.Failure, data)
            : log.Topics.Count() < log.TopicNames.Count() ? HealthCheckResult.Degraded("The event store waits for its topics, or folds them.", data: data)
            : partitions.All(partition => partition.CaughtUp.IsCompletedSuccessfully) ? HealthCheckResult.Healthy("The event store is folded.", data)
            : HealthCheckResult.Degraded("The event store is folding the log.", data: data));
    }

    private static string Describe(LogPartition partition)
    {
        var (next, target) = partition.Progress;
        return partition.Failure is not null ? "stopped" : target == long.MaxValue ? $"at {next}" : $"at {next}, started with {target}";
    }
}
