using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Connections to the database of a context, made and opened as the application makes its own, with its provider, credentials and interceptors.</summary>
internal static class ContextConnection
{
    /// <summary>Runs something on a context whose connection is open, and gives the connection back.</summary>
    public static async Task<T> RunAsync<TContext, T>(IServiceProvider services, Func<TContext, CancellationToken, Task<T>> action, CancellationToken cancellationToken)
        where TContext : DbContext
    {
        var scope = services.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            var context = scope.ServiceProvider.GetRequiredService<TContext>();
            await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

            try
            {
                return await action(context, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await context.Database.CloseConnectionAsync().ConfigureAwait(false);
            }
        }
    }
}
