namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>What becomes of a key whose record failed. Times are in the unit of the dispatch's clock.</summary>
internal sealed record ParkingSettings
{
    /// <summary>Gets how often a record is tried again later; <see langword="null"/> for as often as there is time.</summary>
    public int? Retries { get; init; } = 0;

    /// <summary>Gets how long a key waits for the first of these tries. Each further one waits twice as long.</summary>
    public long Delay { get; init; } = 1;

    /// <summary>Gets the longest such wait.</summary>
    public long MaxDelay { get; init; } = long.MaxValue;

    /// <summary>Gets for how long a record that fails may hold the commit back.</summary>
    public long MaxTime { get; init; } = long.MaxValue;

    /// <summary>Gets how many records of parked keys the member holds.</summary>
    public int MaxRecords { get; init; } = int.MaxValue;

    /// <summary>Gets how many bytes they take.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Gets whether a record for which there is no more patience is set aside; otherwise the partition stops at it.</summary>
    public bool SetsAside { get; init; }

    /// <summary>Returns how long a key waits after so many tries.</summary>
    public long DelayAfter(int tries)
    {
        var delay = Math.Min(Delay, MaxDelay);

        for (var one = 0; one < tries && delay < MaxDelay; one++)
        {
            delay = delay > MaxDelay / 2 ? MaxDelay : delay * 2;
        }

        return delay;
    }
}
