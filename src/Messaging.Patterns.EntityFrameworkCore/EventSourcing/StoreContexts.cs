using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Where a store gets the context of each call from.</summary>
internal abstract class StoreContexts
{
    /// <summary>Returns a context for one call; dispose of what it is returned with after the call.</summary>
    public abstract Rented Rent();

    /// <summary>A context for one call.</summary>
    /// <param name="Context">The context.</param>
    /// <param name="Scope">Its scope, or <see langword="null"/> if it is the caller's.</param>
    internal readonly record struct Rented(DbContext Context, IAsyncDisposable? Scope) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Scope?.DisposeAsync() ?? default;
    }

    /// <summary>A context of its own for every call, which any number of callers may make at the same time.</summary>
    internal sealed class Own<TContext>(IServiceScopeFactory scopes) : StoreContexts
        where TContext : DbContext
    {
        public override Rented Rent()
        {
            var scope = scopes.CreateAsyncScope();
            return new(scope.ServiceProvider.GetRequiredService<TContext>(), scope);
        }
    }

    /// <summary>The caller's context, one call at a time.</summary>
    internal sealed class OfCaller(DbContext context) : StoreContexts
    {
        public override Rented Rent() => new(context, null);
    }
}
