using Messaging.Patterns.Consuming;
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
    // What nobody handles is passed over; after a restart so much of it is read again.
    private const int PassedAtOnce = 1_000;

    private readonly string _name;
    private readonly EventStoreSubscriptionOptions _options;
    private readonly IEventFeed _feed;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SubscriptionLease _lease;
    private readonly SubscriptionTransaction<TContext> _transaction;
    private readonly EventDispatcher _dispatcher;
    private readonly SubscriptionState _state;

    public Subscription(
        string name, EventStoreSubscriptionOptions options, SubscriptionState state, IServiceProvider services, EventCodec codec, TimeProvider time, ILogger<Subscription<TContext>> logger)
    {
        (_name, _options, _state, _time, _logger) = (name, options, state, time, logger);
        _feed = services.GetRequiredKeyedService<IEventFeed>(typeof(TContext));
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        _lease = new(new StoreContexts.Own<TContext>(scopes), name, options.LeaseDuration, time);
        _transaction = new(_lease, name);
        options.Handlers.HandleWithin(_transaction);
        _dispatcher = new(options.Handlers, codec, scopes);
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
        var (current, index, passed) = (0L, 0, 0);

        await foreach (var recorded in _feed.ReadAllAsync(EventRows.PositionOf(Math.Max(place.Number - 1, 0)), new() { Follow = true, Raw = true }, cancellationToken).ConfigureAwait(false))
        {
            var number = EventRows.NumberOf(recorded);
            (current, index) = (number, number == current ? index + 1 : 0);

            if (number == place.Number && index < place.Handled)
            {
                continue;
            }

            place = place.Behind(number);

            if (_dispatcher.Handles(recorded.Payload))
            {
                _transaction.Behind = place;
                await HandleAsync(recorded, index, cancellationToken).ConfigureAwait(false);
                passed = 0;
            }
            else if (++passed == PassedAtOnce)
            {
                passed = await _lease.MoveAsync(place, cancellationToken).ConfigureAwait(false) ? 0 : throw new SubscriptionLostException(_name);
            }
        }
    }

    /// <summary>Handles an event, as often as it takes: nothing behind it is handled before.</summary>
    private async Task HandleAsync(RecordedEvent recorded, int index, CancellationToken cancellationToken)
    {
        var delay = _options.RetryDelay;

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _dispatcher.DispatchAsync(recorded.Payload, EventRows.ContextOf(recorded, index, _name, attempt), cancellationToken).ConfigureAwait(false);
                _state.Trouble = null;
                return;
            }
            catch (Exception exception) when (exception is not SubscriptionLostException && !cancellationToken.IsCancellationRequested)
            {
                _state.Trouble = exception;
                Log.Failed(_logger, exception, recorded.Type, recorded.Version, _name, attempt, delay);
            }

            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
            delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, _options.MaxRetryDelay.Ticks));
        }
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
    }
}
