using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives consumer groups an inbox.</summary>
public static class InboxConsumerGroupExtensions
{
    /// <summary>
    /// Lets the handlers of a group work in a transaction of a context, in which each event is written down as handled: what they save through the context of their
    /// scope, outbox events included, happens once for each event, however often it is delivered or stored. The transaction is saved and committed for them. With
    /// <c>AddConsumerGroupControl</c> the group goes on from a position in the database, and nothing of before a rewind takes effect after it.
    /// </summary>
    /// <typeparam name="TContext">The context, on PostgreSQL or SQLite, whose model has the tables by <c>modelBuilder.AddMessagingPatterns()</c>.</typeparam>
    /// <param name="group">The group.</param>
    /// <param name="configure">Sets the options, which groups with the same context share.</param>
    public static IConsumerGroupBuilder WithInbox<TContext>(this IConsumerGroupBuilder group, Action<InboxOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(group);
        AddServices<TContext>(group, configure);
        group.ConfigureHandlers(handlers => handlers.HandleWithin(new InboxTransaction<TContext>((context, time) => new InboxTable(context, time))));
        return group;
    }

    /// <summary>
    /// Lets the handlers of a group work in a transaction of a context, in which its position moves behind what they handled: what they save through the context of
    /// their scope, outbox events included, happens once for each record, however often it is delivered. Nothing is written for single events, so a copy of an event in a record of its own
    /// is handled again. Events are then handled in the order of their partition.
    /// </summary>
    /// <remarks>Needs <c>AddConsumerGroupControl</c>. The group goes on from the position in the database, whatever it has committed.</remarks>
    /// <typeparam name="TContext">The context, on PostgreSQL or SQLite, whose model has the tables by <c>modelBuilder.AddMessagingPatterns()</c>.</typeparam>
    /// <param name="group">The group.</param>
    /// <param name="configure">Sets the options, which groups with the same context share.</param>
    public static IConsumerGroupBuilder WithInboxPosition<TContext>(this IConsumerGroupBuilder group, Action<InboxOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(group);
        AddServices<TContext>(group, configure);
        group.Ordered(ProcessingOrder.PerPartition);
        group.ConfigureHandlers(handlers =>
        {
            handlers.NeedPartitionOrder = true;
            handlers.HandleWithin(new InboxTransaction<TContext>((context, _) => new HandledPosition(context)));
        });
        return group;
    }

    private static void AddServices<TContext>(IConsumerGroupBuilder group, Action<InboxOptions>? configure)
        where TContext : DbContext
    {
        var (services, name) = (group.Services, typeof(TContext).FullName!);

        if (services.All(service => service.ServiceType != typeof(InboxCleaner<TContext>)))
        {
            services.AddContextOptions<InboxOptions, InboxOptionsValidator>(name, InboxOptions.Section);
            LostTransactionGuard.AddTo<TContext>(services);
            services.AddSingleton<InboxPositionStore<TContext>>();
            services.AddSingleton<InboxCleaner<TContext>>();
            services.AddHostedService(provider => provider.GetRequiredService<InboxCleaner<TContext>>());
            TableVerification<TContext>.Add(services, provider => provider.GetRequiredService<IOptionsMonitor<InboxOptions>>().Get(name).VerifyTables, FindFaultsAsync);
        }

        services.Configure(name, configure ?? (_ => { }));
        group.KeepPositionIn(provider => provider.GetRequiredService<InboxPositionStore<TContext>>());
    }

    /// <summary>Returns every fault of the tables with its remedy.</summary>
    internal static async Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, CancellationToken cancellationToken)
    {
        if (context.Database.ProviderName == SqlServerProvider.Name)
        {
            return ["nothing is known of how SQL Server would let handlers of the same event wait for each other. An inbox needs PostgreSQL or SQLite; keep the group's position by an IPositionStore of your own instead."];
        }

        var check = new TableCheck(context);
        string?[] found =
        [
            await check.FindFaultAsync<InboxRow>(cancellationToken).ConfigureAwait(false),
            await check.FindFaultAsync<InboxPositionRow>(cancellationToken).ConfigureAwait(false),
        ];
        return [.. found.OfType<string>()];
    }
}
