using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.Chaos.Outbox.Processes;

/// <summary>Handles an event: its effect in the database, and an event of its own that tells of it.</summary>
internal sealed class Packing(ShopContext shop, ChildSettings settings) : IEventHandler<Placed>
{
    public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken = default)
    {
        var sequence = await shop.TakeAsync($"effects of {@event.Key}", cancellationToken);
        shop.Effects.Add(new Effect { Key = @event.Key, Sequence = sequence, EventId = context.EventId, By = Path.GetFileNameWithoutExtension(settings.JournalPath) });
        shop.AddOutboxEvent(new Told(@event.Key, context.EventId));

        if (settings.Mutant == ShopProcess.WithoutInbox)
        {
            await shop.SaveChangesAsync(cancellationToken);
        }
    }
}
