using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>What a position is of: a partition, as one group reads it.</summary>
internal readonly record struct InboxPlace(string Group, string Topic, int Partition)
{
    public static InboxPlace Of(EventContext context) => new(context.Group, context.Topic, context.Partition);
}
