using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>How a member dispatches.</summary>
internal sealed record DispatchSettings
{
    /// <summary>Gets what is handled one after another.</summary>
    public ProcessingOrder Ordering { get; init; }

    /// <summary>Gets how many handler calls run at once, at the start.</summary>
    public int MaxConcurrency { get; init; } = 1;

    /// <summary>Gets how many records are given out at once, at most.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Gets how long records wait for others to be given out with, in the unit of the dispatch's clock; 0 if they do not.</summary>
    public long BatchTimeout { get; init; }

    /// <summary>Gets how many records the member holds.</summary>
    public int MaxRecords { get; init; } = int.MaxValue;

    /// <summary>Gets how many bytes the member holds.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Gets how many records of a partition may be done, or be taken, behind one that is not done.</summary>
    public int MaxUncommitted { get; init; } = int.MaxValue;

    /// <summary>Gets what becomes of a key whose record failed.</summary>
    public ParkingSettings Parking { get; init; } = new();
}
