using System.Diagnostics.Metrics;
using Messaging.Patterns.Kafka.Diagnostics;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>The instruments of the event store.</summary>
internal sealed class EventLogMetrics
{
    public EventLogMetrics()
    {
        AppendDuration = KafkaDiagnostics.Meter.CreateHistogram<double>("messaging.patterns.append.duration", "s", "How long appends took, by outcome.");
        ForeignRecords = KafkaDiagnostics.Meter.CreateCounter<long>("messaging.patterns.foreign_records", "{record}", "Records in event topics that are no frames and were set aside.");
    }

    public Histogram<double> AppendDuration { get; }

    public Counter<long> ForeignRecords { get; }

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
}
