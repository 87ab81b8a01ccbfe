using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>What the current transaction of a context knows of events that were handled before, and writes down of those that it handles.</summary>
internal interface IHandledEvents
{
    /// <summary>Returns the places of the events that are to be handled, ascending.</summary>
    Task<List<int>> TakeAsync(IReadOnlyList<EventContext> events, CancellationToken cancellationToken);

    /// <summary>They are handled, and the transaction is about to commit. Returns whether it may; if not, it is to be repeated, since somebody else handled one of them meanwhile.</summary>
    /// <exception cref="PartitionRewoundException">Their partition was rewound: they are not this member's any more.</exception>
    Task<bool> TryEndAsync(IReadOnlyList<EventContext> taken, CancellationToken cancellationToken);
}
