using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

internal sealed class ContextOutbox<TContext>(TContext context) : IOutbox<TContext>
    where TContext : DbContext
{
    public void Add(EventData @event, OutboxEventOptions? options = null) => context.AddOutboxEvent(@event, options);

    public void AddTombstone<TEvent>(string key)
        where TEvent : class => context.AddOutboxTombstone<TEvent>(key);
}
