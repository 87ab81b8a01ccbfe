using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.Chaos.Outbox.Processes;

/// <summary>Handles an event: its effect in the database, and an event of its own that tells of it.</summary>
internal sealed class Packing(ShopContext shop, ChildSettings settings) : IEventHandler<Placed>
{
    public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken = default)
    {
        var sequence = await shop.TakeAsync($"effects of {context.Group} {@event.Key}", cancellationToken);

        // Now and then it takes its time, so that a process is often paused, or its partition rewound, in the middle.
        if (Random.Shared.Next(100) == 0)
        {
            await Task.Delay(Random.Shared.Next(100, 2_000), cancellationToken);
        }

        shop.Effects.Add(new Effect
        {
            Group = context.Group,
            Key = @event.Key,
            Sequence = sequence,
            EventId = context.EventId,
            Partition = context.Partition,
            Offset = context.Offset,
            Epoch = context.Epoch,
            By = Path.GetFileNameWithoutExtension(settings.JournalPath),
        });
        shop.AddOutboxEvent(new Told(@event.Key, context.EventId, context.Group));

        if (settings.Mutant == ShopProcess.WithoutInbox)
        {
            await shop.SaveChangesAsync(cancellationToken);
        }
    }
}
