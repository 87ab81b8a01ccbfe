using System.Diagnostics;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Diagnostics;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Hands the events of a store to handlers, in the order of the feed, in one instance at a time. Each event takes effect once in the database.</summary>
internal sealed partial class Subscription<TContext> : BackgroundService
    where TContext : DbContext
{
    private readonly string _name;
    private readonly EventStoreSubscriptionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SubscriptionLease _lease;
    private readonly SubscriptionTransaction<TContext> _transaction;
    private readonly EventDispatcher _dispatcher;
    private readonly SubscriptionReader _reader;
    private readonly SubscriptionState _state;

    public Subscription(
        string name, EventStoreSubscriptionOptions options, SubscriptionState state, IServiceProvider services, EventCodec codec, TimeProvider time, ILogger<Subscription<TContext>> logger)
    {
        (_name, _options, _state, _time, _logger) = (name, options, state, time, logger);
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        _lease = new(new StoreContexts.Own<TContext>(scopes), name, options.LeaseDuration, time);
        _transaction = new(_lease, name);
        options.Handlers.HandleWithin(_transaction);
        _dispatcher = new(options.Handlers, codec, scopes);
        _reader = new(services.GetRequiredKeyedService<IEventFeed>(typeof(TContext)), _dispatcher, options, time);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await _lease.TryTakeAsync(stoppingToken).ConfigureAwait(false) is { } place)
                {
                    await OwnAsync(place, stoppingToken).ConfigureAwait(false);
                }

                _state.Trouble = null;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _state.Trouble = exception;
                Log.Interrupted(_logger, exception, _name, _options.RetryDelay);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_options.RetryDelay, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OwnAsync(SubscriptionPlace place, CancellationToken stoppingToken)
    {
        Log.Begins(_logger, _name, place.Number);
        _state.IsOwner = true;
        using var working = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var beating = BeatAsync(working);

        try
        {
            await WorkAsync(place, working.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested && (exception is SubscriptionLostException || working.IsCancellationRequested))
        {
            Log.Lost(_logger, _name);
        }
        finally
        {
            _state.IsOwner = false;
            await working.CancelAsync().ConfigureAwait(false);
            await beating.ConfigureAwait(false);
            await ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(SubscriptionPlace place, CancellationToken cancellationToken)
    {
        await foreach (var batch in _reader.ReadAsync(place, cancellationToken).ConfigureAwait(false))
        {
            if (batch.Events.Count > 0)
            {
                await HandleAsync(batch, cancellationToken).ConfigureAwait(false);
            }
            else if (!await _lease.MoveAsync(batch.Behind, cancellationToken).ConfigureAwait(false))
            {
                throw new SubscriptionLostException(_name);
            }
        }
    }

    /// <summary>Handles events together, and if that fails, one by one: so the one that fails is found, and those before it are done.</summary>
    private async Task HandleAsync(SubscriptionBatch batch, CancellationToken cancellationToken)
    {
        var (events, attempt) = (batch.Events, 1);

        if (events.Count > 1)
        {
            try
            {
                await DispatchAsync(events, batch.Behind, attempt++, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is not SubscriptionLostException && !cancellationToken.IsCancellationRequested)
            {
                Log.BatchFailed(_logger, exception, events.Count, _name);
            }
        }

        foreach (var one in events)
        {
            await HandleAsync(one, ReferenceEquals(one, events[^1]) ? batch.Behind : one.Behind, attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Handles an event, as often as it takes: nothing behind it is handled before.</summary>
    private async Task HandleAsync(SubscriptionEvent one, SubscriptionPlace behind, int attempt, CancellationToken cancellationToken)
    {
        for (var delay = _options.RetryDelay; ; attempt++)
        {
            try
            {
                await DispatchAsync([one], behind, attempt, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is not SubscriptionLostException && !cancellationToken.IsCancellationRequested)
            {
                _state.Trouble = exception;
                Log.Failed(_logger, exception, one.Recorded.Type, one.Recorded.Version, _name, attempt, delay);
            }

            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
            delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, _options.MaxRetryDelay.Ticks));
        }
    }

    private async Task DispatchAsync(IReadOnlyList<SubscriptionEvent> events, SubscriptionPlace behind, int attempt, CancellationToken cancellationToken)
    {
        _transaction.Behind = behind;
        EventEnvelope<object>[] handed = [.. events.Select(one => new EventEnvelope<object>(one.Recorded.Payload, EventRows.ContextOf(one.Recorded, one.Index, _name, attempt)))];
        using var activity = EntityFrameworkDiagnostics.StartProcess(_name, EventRows.Topic, Array.ConvertAll(handed, one => one.Context));

        try
        {
            await _dispatcher.DispatchBatchAsync(handed, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }

        _state.Trouble = null;
    }

    private async Task BeatAsync(CancellationTokenSource working)
    {
        while (!working.IsCancellationRequested)
        {
            await Task.Delay(_options.LeaseDuration / 4, _time, working.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            try
            {
                if (!working.IsCancellationRequested && !await _lease.BeatAsync(working.Token).ConfigureAwait(false))
                {
                    await working.CancelAsync().ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (!working.IsCancellationRequested)
            {
                // Whoever takes over meanwhile is found by the token.
                Log.NotRenewed(_logger, exception, _name);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await _lease.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // It runs out by itself.
            Log.NotRenewed(_logger, exception, _name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2210, LogLevel.Information, "This instance works on subscription {Name} from append {Number} on.")]
        public static partial void Begins(ILogger logger, string name, long number);

        [LoggerMessage(2211, LogLevel.Information, "Another instance works on subscription {Name} now.")]
        public static partial void Lost(ILogger logger, string name);

        [LoggerMessage(2212, LogLevel.Error, "An event of type {Type}, version {Version} of its stream, could not be handled by subscription {Name} (attempt {Attempt}); it is tried again in {Delay}, and everything behind it waits.")]
        public static partial void Failed(ILogger logger, Exception exception, string type, long version, string name, int attempt, TimeSpan delay);

        [LoggerMessage(2213, LogLevel.Error, "Subscription {Name} was interrupted; it goes on in {Delay}.")]
        public static partial void Interrupted(ILogger logger, Exception exception, string name, TimeSpan delay);

        [LoggerMessage(2214, LogLevel.Warning, "The lease of subscription {Name} could not be renewed or given back.")]
        public static partial void NotRenewed(ILogger logger, Exception exception, string name);

        [LoggerMessage(2215, LogLevel.Warning, "{Count} events could not be handled together by subscription {Name}; they are handled one by one.")]
        public static partial void BatchFailed(ILogger logger, Exception exception, int count, string name);
    }
}
