using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Says in the control topic which partitions a member has, which of them stopped, and which keys stand still, for whoever looks at the group from elsewhere.</summary>
/// <remarks>
/// It writes when the topic says something else: so a failed write is made up for, and a former owner's, which comes late, is corrected. Of parked keys, which may change
/// all the time, it tells at most once in five seconds. Nothing is decided by it.
/// </remarks>
internal sealed partial class GroupReports(ConsumerGroup group, ControlTopic topic, string owner)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(2);

    private readonly Dictionary<ControlledPartition, (ControlEntry.Report Report, long At)> _written = [];

    /// <summary>Writes what is to be said of the partitions that the member has, and of those that it had.</summary>
    public async Task ReportAsync(IReadOnlyCollection<GroupPartition> partitions, CancellationToken cancellationToken)
    {
        var wanted = partitions.ToDictionary(partition => new ControlledPartition(group.Name, partition.Topic.Name, partition.Number), Describe);

        foreach (var former in _written.Keys.Except(wanted.Keys).ToList())
        {
            await GiveUpAsync(former, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (partition, report) in wanted)
        {
            if (IsToSay(partition, report))
            {
                await WriteAsync(partition, report, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The member has left: it has no partition any more.</summary>
    public async Task LeaveAsync()
    {
        using var limit = new CancellationTokenSource(LeaveLimit, group.Context.Time);

        try
        {
            await ReportAsync([], limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // The brokers are away. The next owners say that they are.
        }
    }

    private ControlEntry.Report Describe(GroupPartition partition)
    {
        var parked = partition.ListParked();
        return new(owner, partition.Failure?.Message, partition.Failure?.Offset, parked.Count, [.. parked.OrderBy(one => one.Since).Take(ReportFormat.MostParked)]);
    }

    private bool IsToSay(ControlledPartition partition, ControlEntry.Report report)
    {
        var said = Said(partition);

        if (said is not null && IsSame(said, report))
        {
            return false;
        }

        var isNews = !_written.TryGetValue(partition, out var last) || last.Report.Stopped != report.Stopped || (last.Report.ParkedKeys == 0) != (report.ParkedKeys == 0);
        return isNews || group.Context.Time.GetElapsedTime(last.At) >= Rest;
    }

    // Another one may have it already, and have said so.
    private async Task GiveUpAsync(ControlledPartition partition, CancellationToken cancellationToken)
    {
        if (Said(partition)?.Owner == owner)
        {
            await WriteAsync(partition, new(null, null, null, 0, []), cancellationToken).ConfigureAwait(false);
        }

        _written.Remove(partition);
    }

    private ControlEntry.Report? Said(ControlledPartition partition)
    {
        lock (topic.Gate)
        {
            return topic.Log.Reports.GetValueOrDefault(partition);
        }
    }

    private async Task WriteAsync(ControlledPartition partition, ControlEntry.Report report, CancellationToken cancellationToken)
    {
        _written[partition] = (report, group.Context.Time.GetTimestamp());

        try
        {
            await topic.BeginAsync(cancellationToken).ConfigureAwait(false);
            await topic.WriteAsync(partition, report, cancellationToken).ConfigureAwait(false);
        }
        // Disposed, if the control topic was registered after the group and has stopped before it.
        catch (Exception exception) when (exception is KafkaException or MessagingException or ObjectDisposedException)
        {
            Log.NotSaid(group.Context.Logger, exception, group.Name, partition.Topic, partition.Partition);
        }
    }

    private static bool IsSame(ControlEntry.Report said, ControlEntry.Report report) =>
        (said.Owner, said.Stopped, said.ParkedKeys) == (report.Owner, report.Stopped, report.ParkedKeys)
        && said.Parked.Select(Essence).SequenceEqual(report.Parked.Select(Essence));

    private static (long Offset, int Attempts, bool IsRedirected) Essence(ParkedKey parked) => (parked.Offset, parked.Attempts, parked.IsRedirected);

    private static partial class Log
    {
        [LoggerMessage(1475, LogLevel.Debug, "Consumer group {Group} could not say in the control topic how topic {Topic}, partition {Partition}, stands; it tries again.")]
        public static partial void NotSaid(ILogger logger, Exception exception, string group, string topic, int partition);
    }
}
