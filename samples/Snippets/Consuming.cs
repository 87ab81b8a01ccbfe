using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace Snippets;

public sealed class WelcomeLetters(IEventStore store) : IEventHandler<AccountOpened>
{
    public async ValueTask HandleAsync(AccountOpened @event, EventContext context, CancellationToken cancellationToken = default)
    {
        // The same id each time the event is handled: the append happens once.
        await store.AppendAsync(
            new StreamId("letter", context.Stream!.Id),
            ExpectedVersion.Any,
            [new EventData(new LetterOrdered($"Welcome, {@event.Owner}!"))],
            new AppendOptions { Id = context.AppendId },
            cancellationToken);
    }
}

public sealed class BalanceBatches(IBalanceTable balances) : IEventBatchHandler<AccountCharged>
{
    public async ValueTask HandleAsync(IReadOnlyList<EventEnvelope<AccountCharged>> events, CancellationToken cancellationToken = default)
    {
        foreach (var (charged, context) in events)
        {
            await balances.AddAsync(context.Stream!.Id, charged.Amount, context.Version, cancellationToken);
        }
    }
}

public sealed class Repair(IDeadLetters letters)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var letter in letters.BrowseAsync("prices", new DeadLetterFilter { ExceptionType = nameof(FormatException) }, cancellationToken))
        {
            Console.WriteLine($"{letter.Id}: {letter.Topic}, partition {letter.Partition}, offset {letter.Offset}: {letter.ExceptionMessage}");
        }

        await letters.ReplayAsync("prices", new DeadLetterFilter { Topic = "prices" }, cancellationToken);
    }
}

public sealed class TenantScope(Tenants tenants) : IEventMiddleware
{
    public async ValueTask InvokeAsync(HandlerCall call, Func<CancellationToken, ValueTask> next, CancellationToken cancellationToken)
    {
        tenants.Current = call.Events[0].Context.Metadata.GetValueOrDefault("tenant");
        await next(cancellationToken);
    }
}

public sealed class Tenants
{
    public string? Current { get; set; }
}

public static class Consuming
{
    public static void Add(IServiceCollection services)
    {
        services.AddKafka()
            .AddEventTypes<AccountOpened>()
            .AddStreams("account", topic: "accounts")
            .AddConsumerGroup("balances", group => group
                .From("accounts")
                .Handle<AccountCharged, BalanceProjection>()
                .Handle<AccountDebited, BalanceProjection>());
    }

    public static void AddBatches(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances", group => group
            .From("accounts")
            .HandleBatch<AccountCharged, BalanceBatches>()
            .Configure(options => (options.BatchSize, options.BatchTimeout) = (500, TimeSpan.FromMilliseconds(50))));
    }

    public static void AddRetries(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances", group => group
            .From("accounts")
            .Handle<AccountCharged, BalanceProjection>()
            .OnFailure(failure => failure
                .Retry(pipeline => pipeline
                    .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 3, Delay = TimeSpan.FromMilliseconds(100), BackoffType = DelayBackoffType.Exponential })
                    .AddTimeout(TimeSpan.FromSeconds(10)))));
    }

    public static void AddParking(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances", group => group
            .From("accounts")
            .Handle<AccountCharged, BalanceProjection>()
            .OnFailure(failure => failure.RetryLater(retries: 8, delay: TimeSpan.FromSeconds(5))));
    }

    public static void AddRedirecting(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances", group => group
            .From("accounts")
            .Handle<AccountCharged, BalanceProjection>()
            .OnFailure(failure => failure.RetryLater(retries: 3).ThenRedirect(redirected => redirected.ThenDeadLetter())));
    }

    public static void AddDeadLetters(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances", group => group
            .From("accounts")
            .Handle<AccountCharged, BalanceProjection>()
            .OnFailure(failure => failure.RetryLater(retries: 3).ThenDeadLetter()));
    }

    public static void AddMiddleware(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("balances", group => group
            .From("accounts")
            .Use<TenantScope>()
            .Handle<AccountCharged, BalanceProjection>());
    }

    public static void AddPattern(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("audit", group => group
            .FromPattern(@"^orders\..*")
            .Handle<PriceChanged>((price, context, cancellationToken) => ValueTask.CompletedTask)
            .Handle<RawRecord>((record, context, cancellationToken) =>
            {
                Console.WriteLine($"{context.EventType} at {context.Topic}, partition {context.Partition}, offset {context.Offset}: {record.Value?.Length} bytes");
                return ValueTask.CompletedTask;
            })
            .OnUnhandled(UnhandledEventPolicy.Raw));
    }

    public static void AddFunction(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("prices", group => group
            .From("prices")
            .Handle<PriceChanged>((price, context, cancellationToken) =>
            {
                Console.WriteLine($"{price.Product} costs {price.Price}");
                return ValueTask.CompletedTask;
            })
            .OnUnhandled(UnhandledEventPolicy.Stop)
            .ConfigureConsumer(consumer => consumer.SessionTimeoutMs = 20_000)
            .Configure(options => options.DrainTimeout = TimeSpan.FromSeconds(20)));
    }
}
