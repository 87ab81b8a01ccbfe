using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>A connection that is kept open from one use to the next, for what is done again and again: opening one anew has the database reset it. Not thread-safe.</summary>
internal sealed class KeptConnection<TContext>(IServiceProvider services)
    where TContext : DbContext
{
    private AsyncServiceScope? _scope;

    /// <summary>Runs something on a context whose connection is open. If that fails, the next use has another.</summary>
    public async Task<T> RunAsync<T>(Func<TContext, CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action(await OpenAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives the connection back.</summary>
    public async Task CloseAsync()
    {
        if (_scope is { } scope)
        {
            _scope = null;
            await scope.ServiceProvider.GetRequiredService<TContext>().Database.CloseConnectionAsync().ConfigureAwait(false);
            await scope.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<TContext> OpenAsync(CancellationToken cancellationToken)
    {
        var isOpen = _scope is not null;
        var context = (_scope ??= services.CreateAsyncScope()).ServiceProvider.GetRequiredService<TContext>();

        if (!isOpen)
        {
            await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }

        return context;
    }
}
