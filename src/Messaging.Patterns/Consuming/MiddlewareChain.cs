using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Consuming;

/// <summary>The middleware of a consumer group, from the outermost to the innermost.</summary>
internal sealed class MiddlewareChain
{
    private readonly List<Func<IServiceProvider, IEventMiddleware>> _all = [];

    public bool IsEmpty => _all.Count == 0;

    public void Add<TMiddleware>()
        where TMiddleware : IEventMiddleware => _all.Add(static services => services.GetRequiredService<TMiddleware>());

    public void Add(Func<HandlerCall, Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> middleware)
    {
        var made = new Function(middleware);
        _all.Add(_ => made);
    }

    /// <summary>Calls the middleware, and the handlers inside.</summary>
    public ValueTask RunAsync(HandlerCall call, Func<CancellationToken, ValueTask> handle, CancellationToken cancellationToken) => RunAsync(0, call, handle, cancellationToken);

    private async ValueTask RunAsync(int index, HandlerCall call, Func<CancellationToken, ValueTask> handle, CancellationToken cancellationToken)
    {
        if (index == _all.Count)
        {
            await handle(cancellationToken).ConfigureAwait(false);
            return;
        }

        var (middleware, failure, isDone) = (_all[index](call.Services), (Exception?)null, false);
        await middleware.InvokeAsync(call, NextAsync, cancellationToken).ConfigureAwait(false);

        if (failure is not null && !isDone)
        {
            throw new MessagingException($"Middleware '{middleware}' returned although the handlers had failed. Let it throw on what it catches.", failure);
        }

        async ValueTask NextAsync(CancellationToken token)
        {
            try
            {
                await RunAsync(index + 1, call, handle, token).ConfigureAwait(false);
                isDone = true;
            }
            catch (Exception exception)
            {
                failure = exception;
                throw;
            }
        }
    }

    private sealed class Function(Func<HandlerCall, Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> invoke) : IEventMiddleware
    {
        public ValueTask InvokeAsync(HandlerCall call, Func<CancellationToken, ValueTask> next, CancellationToken cancellationToken) => invoke(call, next, cancellationToken);

        public override string ToString() => $"{invoke.Method.DeclaringType}.{invoke.Method.Name}";
    }
}
