using System.Text;
using Messaging.Patterns.Kafka.Consuming.Control;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>A record of the simulated control topic.</summary>
internal sealed record SimControlRecord(long Offset, string Key, ControlledPartition Partition, ControlEntry Entry);

/// <summary>The control topic: one partition, compacted now and then.</summary>
internal sealed class SimControlTopic
{
    private readonly List<SimControlRecord> _records = [];

    public long End { get; private set; }

    public long Append(ControlledPartition partition, ControlEntry entry)
    {
        _records.Add(new(End, Encoding.UTF8.GetString(ControlFormat.WriteKey(partition, entry)), partition, entry));
        return End++;
    }

    /// <summary>Returns the next record at or after an offset, if there is one.</summary>
    public SimControlRecord? Find(long offset) => _records.Find(record => record.Offset >= offset);

    /// <summary>Removes, before an offset, what a later record of the same key replaces.</summary>
    public int Compact(long before) => _records.RemoveAll(record =>
        record.Offset < before && _records.Exists(later => later.Offset > record.Offset && later.Key == record.Key));
}
