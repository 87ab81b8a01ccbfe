using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>A record of a simulated partition.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="KeyNumber">Its key; 0 for none.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsEmpty">Whether it holds nothing to handle.</param>
/// <param name="IsPoison">Whether it fails whenever it is handled, until the world is calm.</param>
internal sealed record SimRecord(long Offset, int KeyNumber, int Bytes, bool IsEmpty, bool IsPoison)
{
    public RecordKey Key { get; } = new(KeyNumber == 0 ? null : BitConverter.GetBytes(KeyNumber));
}

/// <summary>A simulated partition: its log, the group's commit, and who owns it as far as the brokers know.</summary>
internal sealed class SimTopicPartition(int number)
{
    public int Number { get; } = number;

    public List<SimRecord> Log { get; } = [];

    public long End { get; set; }

    public long Committed { get; set; }

    public SimAssignment? Owner { get; set; }

    /// <summary>Gets the offsets of records that some handler was done with.</summary>
    public HashSet<long> Handled { get; } = [];
}
