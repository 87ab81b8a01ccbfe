using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>Knows what was handled by the position of each partition, which moves in the handlers' transaction. Events come in the order of their partition.</summary>
internal sealed class HandledPosition(DbContext context) : IHandledEvents
{
    private readonly InboxPositions _positions = new(context);

    public async Task<List<int>> TakeAsync(IReadOnlyList<EventContext> events, CancellationToken cancellationToken)
    {
        var taken = new List<int>(events.Count);

        foreach (var partition in Enumerable.Range(0, events.Count).GroupBy(place => InboxPlace.Of(events[place])))
        {
            var position = await _positions.FindAsync(partition.Key, cancellationToken).ConfigureAwait(false)
                ?? throw new MessagingException($"Group '{partition.Key.Group}' has no position in topic '{partition.Key.Topic}', partition {partition.Key.Partition}: its row was deleted while the group runs. Restart the group.");
            var epoch = events[partition.First()].Epoch;
            Check(partition.Key, epoch, position.Epoch);
            taken.AddRange(partition.Where(place => (events[place].Offset, events[place].Index).CompareTo((position.Next, position.NextIndex)) >= 0));
        }

        taken.Sort();
        return taken;
    }

    // Last, since it locks the row: a member that stands still in its handler keeps nobody from going on, and leaves nothing when it goes on itself.
    public async Task<bool> TryEndAsync(IReadOnlyList<EventContext> taken, CancellationToken cancellationToken)
    {
        // In one order, so that no two transactions with events of several partitions wait for each other.
        foreach (var partition in taken.GroupBy(InboxPlace.Of).OrderBy(one => one.Key.Topic, StringComparer.Ordinal).ThenBy(one => one.Key.Partition))
        {
            if (!await _positions.TryMoveAsync(partition.First(), partition.Last(), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private static void Check(InboxPlace place, long epoch, long stored)
    {
        if (epoch != stored)
        {
            throw new PartitionRewoundException(place.Group, place.Topic, place.Partition, epoch, stored);
        }
    }
}
