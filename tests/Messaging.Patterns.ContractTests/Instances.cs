using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.ContractTests;

/// <summary>Two instances of one store or publisher, as two processes would have them. They start when the first test asks.</summary>
public abstract class Instances : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private IHost? _first;
    private IHost? _second;

    /// <summary>Returns the services of the first instance.</summary>
    public async Task<IServiceProvider> FirstAsync()
    {
        await _gate.WaitAsync();

        try
        {
            return (_first ??= await StartAsync()).Services;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Returns the services of the second instance.</summary>
    public async Task<IServiceProvider> SecondAsync()
    {
        var first = await FirstAsync();

        if (IsSingle)
        {
            return first;
        }

        await _gate.WaitAsync();

        try
        {
            return (_second ??= await StartAsync()).Services;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        foreach (var host in new[] { _first, _second })
        {
            if (host is not null)
            {
                await host.StopAsync();
                await ((IAsyncDisposable)host).DisposeAsync();
            }
        }

        _gate.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gets whether there can be only one instance, since nothing is shared between processes.</summary>
    protected virtual bool IsSingle => false;

    /// <summary>Starts an instance with <see cref="ContractEvents"/> registered.</summary>
    protected abstract Task<IHost> StartAsync();
}
