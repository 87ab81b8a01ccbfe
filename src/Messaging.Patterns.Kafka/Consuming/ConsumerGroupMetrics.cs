using System.Diagnostics.Metrics;
using Messaging.Patterns.Kafka.Diagnostics;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>The instruments of one consumer group. They live as long as the group, since some of them look at it.</summary>
internal sealed class ConsumerGroupMetrics : IDisposable
{
    private const string Group = "messaging.consumer.group.name";
    private const string PartitionId = "messaging.destination.partition.id";

    private readonly Meter _meter = new(KafkaDiagnostics.Name);
    private readonly ConsumerGroup _group;
    private readonly Counter<long> _handled;
    private readonly Counter<long> _unhandled;
    private readonly Counter<long> _setAside;
    private readonly Counter<long> _redirected;
    private readonly Histogram<double> _duration;

    public ConsumerGroupMetrics(ConsumerGroup group)
    {
        _group = group;
        _handled = _meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Events handled.");
        _unhandled = _meter.CreateCounter<long>("messaging.patterns.unhandled_events", "{message}", "Events that no handler of the group takes, and records that are no frames and were set aside.");
        _setAside = _meter.CreateCounter<long>("messaging.patterns.consumer.dead_letters", "{message}", "Events that failed and were set aside as dead letters.");
        _redirected = _meter.CreateCounter<long>("messaging.patterns.consumer.redirected_events", "{message}", "Records of failing keys that were stored in a retry topic.");
        _duration = _meter.CreateHistogram<double>("messaging.process.duration", "s", "How long handlers took, also those that failed.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.lag", ObserveLag, "{message}", "Records of a partition that are not committed yet.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.lag_time", () => ObservePartitions(partition => partition.LagTime.TotalSeconds), "s", "How old the first record of a partition is that is not handled.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.replay", () => ObservePartitions(partition => (double)partition.ToReplay), "{message}", "Records of a partition that a rewind lets be handled again, and that are not yet.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.buffered", () => Observe(member => member.Workers.Dispatch.Records), "{message}", "Records in memory that wait or are being handled.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.buffered_bytes", () => Observe(member => member.Workers.Dispatch.Bytes), "By", "What those records take.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.workers", () => Observe(member => member.Workers.Dispatch.Workers), "{worker}", "Handler calls under way.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.parked_keys", () => Observe(member => member.Workers.Dispatch.ParkedKeys), "{key}", "Keys that stand still because an event of theirs failed.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.parked_records", () => Observe(member => member.Workers.Dispatch.ParkedRecords), "{message}", "Records of such keys in memory.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.redirected_keys", () => Observe(member => member.Partitions.Sum(partition => (long)partition.RedirectedKeys)), "{key}", "Keys whose events wait in a retry topic.");
        _meter.CreateObservableGauge("messaging.patterns.consumer.stopped_partitions", ObserveStopped, "{partition}", "Partitions that stopped.");
    }

    public void Handled(string topic, int events) => _handled.Add(events, new(Group, _group.Name), new(KafkaDiagnostics.Destination, topic));

    public void Unhandled(string topic) => _unhandled.Add(1, new(Group, _group.Name), new(KafkaDiagnostics.Destination, topic));

    public void SetAside(string topic) => _setAside.Add(1, new(Group, _group.Name), new(KafkaDiagnostics.Destination, topic));

    public void Redirected(string topic) => _redirected.Add(1, new(Group, _group.Name), new(KafkaDiagnostics.Destination, topic));

    /// <summary>Returns when something starts, if that matters to anybody.</summary>
    public long Start() => _duration.Enabled ? _group.Context.Time.GetTimestamp() : 0;

    /// <summary>Handlers are done with something, or failed.</summary>
    public void Took(long started, string topic, Exception? error)
    {
        if (_duration.Enabled && started != 0)
        {
            var tags = new System.Diagnostics.TagList { { Group, _group.Name }, { KafkaDiagnostics.Destination, topic } };

            if (error is not null)
            {
                tags.Add("error.type", error.GetType().FullName);
            }

            _duration.Record(_group.Context.Time.GetElapsedTime(started).TotalSeconds, tags);
        }
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> ObserveLag() => Partitions
        .Where(partition => partition.Lag is not null)
        .Select(partition => new Measurement<long>(partition.Lag!.Value, TagsOf(partition)));

    private IEnumerable<Measurement<double>> ObservePartitions(Func<GroupPartition, double> what) => Partitions.Select(partition => new Measurement<double>(what(partition), TagsOf(partition)));

    private IReadOnlyCollection<GroupPartition> Partitions => _group.Member?.Partitions ?? [];

    private KeyValuePair<string, object?>[] TagsOf(GroupPartition partition) =>
    [
        new(Group, _group.Name), new(KafkaDiagnostics.Destination, partition.Topic.Name), new(PartitionId, partition.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private Measurement<long> Observe(Func<GroupMember, long> what) =>
        new(_group.Member is { } member ? what(member) : 0, new KeyValuePair<string, object?>(Group, _group.Name));

    private Measurement<long> ObserveStopped() =>
        new(Partitions.Count(partition => partition.Failure is not null), new KeyValuePair<string, object?>(Group, _group.Name));
}
