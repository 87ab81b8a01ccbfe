namespace Messaging.Patterns.Consuming;

/// <summary>A store whose positions also follow the group's commit, for handlers that know by other means what they have handled, or that do not take every record.</summary>
/// <remarks>
/// Before anything of a partition is given out, <see cref="IPositionStore.RewindAsync"/> gives it a position if it has none: where the group is, -1 if it has committed nothing,
/// with the epoch that holds. So handlers find an epoch to compare theirs with, and events may be in any order: the position is never ahead of what is handled.
/// </remarks>
public interface IFollowingPositionStore : IPositionStore
{
    /// <summary>Moves the position in a partition forward, if the stored epoch is that of the position and the position lies beyond the stored one; adds it if there is none; otherwise changes nothing.</summary>
    /// <param name="group">The consumer group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="position">The position: everything before it is handled and committed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask FollowAsync(string group, string topic, int partition, StoredPosition position, CancellationToken cancellationToken = default);
}
