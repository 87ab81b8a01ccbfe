namespace Messaging.Patterns.Consuming;

/// <summary>How far a rewind is carried out in a partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition's number.</param>
/// <param name="Target">Where the group goes on.</param>
/// <param name="Epoch">The rewind's epoch, which its events have.</param>
/// <param name="State">How far it is.</param>
public sealed record RewoundPartition(string Topic, int Partition, long Target, long Epoch, RewindState State)
{
    /// <summary>Gets the offset before which everything was committed when it was asked: the replay ends there. Not beyond <see cref="Target"/> for a jump ahead.</summary>
    public long Until { get; init; }

    /// <summary>Gets the offset from which the group goes on now, as it is committed. Before the partition is <see cref="RewindState.Done"/> it says nothing of the replay.</summary>
    public long Next { get; init; }

    /// <summary>Gets when it was asked.</summary>
    public DateTimeOffset Asked { get; init; }

    /// <summary>Gets which part of the replay is committed, from 0 to 1; 1 for a jump ahead that is done, 0 as long as the rewind is not done.</summary>
    public double Progress => State != RewindState.Done ? 0
        : Until <= Target ? 1
        : Math.Clamp((Next - Target) / (double)(Until - Target), 0, 1);
}
