using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>The outbox of a context: what is added is written by the next <c>SaveChanges</c> of the context of the same scope, in its transaction.</summary>
/// <typeparam name="TContext">The context.</typeparam>
public interface IOutbox<TContext> : IOutbox
    where TContext : DbContext;
