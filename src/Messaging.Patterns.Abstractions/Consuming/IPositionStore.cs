namespace Messaging.Patterns.Consuming;

/// <summary>Keeps how far a projection got in the projection's own storage, so that data and position change together or not at all.</summary>
/// <remarks>
/// Handlers write the position themselves, in the transaction that changes their data: <see cref="EventContext.Offset"/> + 1 and
/// <see cref="EventContext.Epoch"/>, and only where the stored epoch is the event's; where it is not they throw, since their partition was rewound and belongs to
/// another instance. They need the order of the partition. Each method is one atomic change of the storage, also when several processes call it at once.
/// </remarks>
public interface IPositionStore
{
    /// <summary>Returns the position in a partition; <see langword="null"/> when there is none, which stands for the beginning, or for where the group is.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoredPosition?> ReadAsync(string group, string topic, int partition, CancellationToken cancellationToken = default);

    /// <summary>Sets the position if its epoch is beyond the stored one; otherwise it changes nothing, since another instance was first.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="position">The position.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The position that is stored now, durably.</returns>
    ValueTask<StoredPosition> RewindAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default);
}
