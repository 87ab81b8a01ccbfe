using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Registers the relay of a context; the database's package says what its outbox table is like.</summary>
internal static class OutboxRelayRegistration
{
    public static void AddRelay<TContext>(this IServiceCollection services, Func<IServiceProvider, OutboxRelayOptions, IOutboxTable> table, Action<OutboxRelayOptions>? configure)
        where TContext : DbContext
    {
        var name = typeof(TContext).FullName!;

        if (services.All(service => service.ServiceType != typeof(IOutboxRelay<TContext>)))
        {
            services.AddOptionsWithValidateOnStart<OutboxRelayOptions, OutboxRelayOptionsValidator>(name);
            services.AddKeyedSingleton(typeof(TContext), (provider, _) =>
            {
                var options = provider.GetRequiredService<IOptionsMonitor<OutboxRelayOptions>>().Get(name);
                var time = provider.GetRequiredService<TimeProvider>();
                var work = provider.GetRequiredKeyedService<OutboxSignal>(typeof(TContext));
                RelayDispatch dispatch = options.UseTransactions
                    ? new TransactionDispatch(FindBroker<IRecordTransactions>(provider, options.Broker), options, time, work)
                    : new RecordDispatch(FindBroker<IRecordProducer>(provider, options.Broker), options, time, work);
                return new OutboxRelay(new(table(provider, options), dispatch), options, time, provider.GetRequiredService<ILogger<OutboxRelay>>());
            });
            services.AddKeyedSingleton(typeof(TContext), (provider, _) =>
            {
                var work = new OutboxSignal();
                provider.GetRequiredKeyedService<OutboxCommits>(typeof(TContext)).Add(work.Set);
                return work;
            });
            services.AddCommits<TContext>();
            services.AddSingleton<IOutboxRelay<TContext>>(provider => new ContextOutboxRelay<TContext>(Find<TContext>(provider)));
            services.AddSingleton<IHostedService>(Find<TContext>);
            services.AddSingleton<SentOutboxCleaner<TContext>>();
            services.AddHostedService(provider => provider.GetRequiredService<SentOutboxCleaner<TContext>>());
            services.AddSingleton<IHostedService>(provider => new OutboxRelayMetrics(
                Find<TContext>(provider), typeof(TContext).Name, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OutboxRelayMetrics>>()));
            services.AddHealthChecks().Add(new HealthCheckRegistration(
                $"outbox-relay-{typeof(TContext).Name}", provider => new OutboxRelayHealthCheck(Find<TContext>(provider)), failureStatus: null, tags: null));
        }

        services.Configure(name, configure ?? (_ => { }));
    }

    /// <summary>Lets commits of a context be seen.</summary>
    public static void AddCommits<TContext>(this IServiceCollection services)
        where TContext : DbContext
    {
        if (services.Any(service => service.ServiceType == typeof(OutboxCommits) && Equals(service.ServiceKey, typeof(TContext))))
        {
            return;
        }

        services.AddKeyedSingleton(typeof(TContext), (_, _) => new OutboxCommits());
        services.ConfigureDbContext<TContext>(static (provider, options) =>
            options.AddInterceptors(new CommitInterceptor(provider.GetRequiredKeyedService<OutboxCommits>(typeof(TContext)))));
    }

    private static OutboxRelay Find<TContext>(IServiceProvider provider) => provider.GetRequiredKeyedService<OutboxRelay>(typeof(TContext));

    private static T FindBroker<T>(IServiceProvider provider, string? broker)
        where T : class =>
        (broker is null ? provider.GetService<T>() : provider.GetKeyedService<T>(broker)) ?? throw new MessagingException(
            broker is null
                ? "The outbox relay has nothing to send with. Register a broker, such as services.AddKafka(...) of Messaging.Patterns.Kafka."
                : $"The outbox relay is to send by broker '{broker}', which is not registered. Register it, such as services.AddKafka(\"{broker}\", ...) of Messaging.Patterns.Kafka, or correct {nameof(OutboxRelayOptions)}.{nameof(OutboxRelayOptions.Broker)}.");
}
