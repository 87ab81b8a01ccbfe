using Messaging.Patterns.Consuming;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Lets the positions that are kept beside a group's commits follow them.</summary>
/// <remarks>A crash between commit and position leaves a position that is behind: then some events come again, which their handlers know.</remarks>
internal sealed partial class PositionFollower(ConsumerGroup group, IFollowingPositionStore positions)
{
    /// <summary>Moves the positions of partitions that have been committed further.</summary>
    public async Task FollowAsync(IReadOnlyCollection<GroupPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (var partition in partitions)
        {
            if (!partition.HasBegun || partition.Committed is not { } next || next == partition.Followed)
            {
                continue;
            }

            try
            {
                await positions.FollowAsync(group.Name, partition.Topic.Name, partition.Number, new StoredPosition(next, partition.Epoch), cancellationToken).ConfigureAwait(false);
                partition.Followed = next;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Log.NotFollowed(group.Context.Logger, exception, group.Name, partition.Topic.Name, partition.Number);
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1440, LogLevel.Warning, "Consumer group {Group} could not let its stored position in topic {Topic}, partition {Partition}, follow its commit; it tries again.")]
        public static partial void NotFollowed(ILogger logger, Exception exception, string group, string topic, int partition);
    }
}
