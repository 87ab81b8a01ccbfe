using System.Diagnostics.Metrics;
using Messaging.Patterns.Kafka.Diagnostics;
using Messaging.Patterns.Kafka.EventSourcing.Log;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>The instruments of the event store. They live as long as it, since some of them look at it.</summary>
internal sealed class EventLogMetrics : IDisposable
{
    private readonly Meter _meter = new(KafkaDiagnostics.Name);

    public EventLogMetrics()
    {
        AppendDuration = _meter.CreateHistogram<double>("messaging.patterns.append.duration", "s", "How long appends took, by outcome.");
        ForeignRecords = _meter.CreateCounter<long>("messaging.patterns.foreign_records", "{record}", "Records in event topics that are no frames and were set aside.");
    }

    public Histogram<double> AppendDuration { get; }

    public Counter<long> ForeignRecords { get; }

    /// <summary>Begins to look at a log.</summary>
    public void Observe(EventLog log)
    {
        _meter.CreateObservableGauge("messaging.patterns.append.pending", () => Observe(log, partition => partition.PendingCount), "{append}", "Appends that wait for their answer.");
        _meter.CreateObservableGauge("messaging.patterns.event_store.behind", () => Observe(log, partition => partition.Behind), "{record}", "Records to be folded before the store is ready.");
        _meter.CreateObservableGauge(
            "messaging.patterns.event_store.stopped_partitions", () => Observe(log, partition => partition.Failure is null ? 0 : 1), "{partition}", "Partitions that stopped.");
    }

    public void RecordAppend(TimeProvider time, long started, string topic, Protocol.DecisionKind outcome)
    {
        if (AppendDuration.Enabled)
        {
            AppendDuration.Record(
                time.GetElapsedTime(started).TotalSeconds,
                new KeyValuePair<string, object?>("messaging.destination.name", topic),
                new KeyValuePair<string, object?>("messaging.patterns.outcome", outcome.ToString()));
        }
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Observe(EventLog log, Func<LogPartition, long> measure) =>
        log.Present.Select(topic => new Measurement<long>(topic.All.Sum(measure), new KeyValuePair<string, object?>(KafkaDiagnostics.Destination, topic.Name)));
}
