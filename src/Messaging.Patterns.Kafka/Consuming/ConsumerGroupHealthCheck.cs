using System.Globalization;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>
/// Healthy while this process is a member and handles; unhealthy when a partition has stopped or gets on with nothing, or the member has ended; degraded before there is
/// one, while keys stand still, or are redirected, because an event of theirs fails, and while events are older than they may be.
/// </summary>
internal sealed class ConsumerGroupHealthCheck(ConsumerGroup group) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check() => (group.Failure, group.Member) switch
    {
        ({ } failure, _) => HealthCheckResult.Unhealthy($"Consumer group '{group.Name}' has ended: {failure.Message}", failure),
        (_, null) when group.Refusal is { } refusal => HealthCheckResult.Degraded(refusal.Message, refusal),
        (_, null) => HealthCheckResult.Degraded($"Consumer group '{group.Name}' waits for its topics: {string.Join(", ", group.Subscription)}."),
        var (_, member) => Check(member),
    };

    private HealthCheckResult Check(GroupMember member)
    {
        var (partitions, waiting) = (member.Partitions, group.ListParked());
        var (data, parked, redirected) = (DataOf(partitions, waiting), waiting.Where(one => !one.IsRedirected).ToList(), waiting.Where(one => one.IsRedirected).ToList());
        var stopped = partitions.Select(partition => partition.Failure).OfType<PartitionStoppedException>().ToList();

        return stopped.Count > 0 ? HealthCheckResult.Unhealthy(string.Join(' ', stopped.Select(one => one.Message)), stopped[0].InnerException, data)
            : partitions.FirstOrDefault(IsStuck) is { } stuck ? HealthCheckResult.Unhealthy(
                $"Consumer group '{group.Name}' gets on with nothing in topic '{stuck.Topic.Name}', partition {stuck.Number}, for {Seconds(stuck.Unmoved)}: the event at offset {stuck.Handled ?? 0} or an earlier one is not handled. Look for a handler that hangs.", data: data)
            : member.Trouble is { } trouble ? HealthCheckResult.Degraded($"Consumer group '{group.Name}' is in trouble and goes on by itself: {trouble}", data: data)
            : parked.Count > 0 ? HealthCheckResult.Degraded(
                $"Consumer group '{group.Name}' has keys that stand still because an event of theirs fails: {parked.Count}, the first at topic '{parked[0].Topic}', partition {parked[0].Partition}, offset {parked[0].Offset}: {parked[0].ExceptionType}.", data: data)
            : redirected.Count > 0 ? HealthCheckResult.Degraded(
                $"Consumer group '{group.Name}' has keys that are redirected: {redirected.Count}, the first at topic '{redirected[0].Topic}', partition {redirected[0].Partition}, offset {redirected[0].Offset}: "
                + $"{(redirected[0].ExceptionType.Length > 0 ? redirected[0].ExceptionType : "not tried again yet by this process")}.", data: data)
            : partitions.MaxBy(partition => partition.LagTime) is { } last && last.LagTime > group.Options.LaggingAfter ? HealthCheckResult.Degraded(
                $"Consumer group '{group.Name}' lags: in topic '{last.Topic.Name}', partition {last.Number}, the first event that is not handled is {Seconds(last.LagTime)} old; more than {group.Options.LaggingAfter} is too much.", data: data)
            : HealthCheckResult.Healthy($"Consumer group '{group.Name}' has {partitions.Count} partitions.", data);
    }

    private bool IsStuck(GroupPartition partition) =>
        partition.Unmoved >= group.Options.StuckAfter && !partition.ListParked().Any(one => !one.IsRedirected) && !group.IsPaused(partition);

    private static Dictionary<string, object> DataOf(IReadOnlyCollection<GroupPartition> partitions, IReadOnlyList<ParkedKey> parked)
    {
        var data = partitions.ToDictionary(partition => partition.Name, object (partition) => partition.Failure?.Message ?? $"committed {partition.Committed?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}");

        foreach (var one in parked.GroupBy(one => $"{one.Topic}:{one.Partition} {(one.IsRedirected ? "redirected" : "parked")}"))
        {
            data[one.Key] = $"{one.Count()} keys; first offset {one.First().Offset}, since {one.First().Since.UtcDateTime:O}: {one.First().ExceptionType}";
        }

        return data;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}
