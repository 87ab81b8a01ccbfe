using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives consumer groups an inbox.</summary>
public static class InboxConsumerGroupExtensions
{
    /// <summary>
    /// Lets the handlers of a group work in a transaction of a context, in which each event is written down as handled: what they save through the context of their
    /// scope, outbox events included, happens once for each event, however often it is delivered. The transaction is saved and committed for them.
    /// </summary>
    /// <typeparam name="TContext">The context, on PostgreSQL or SQLite, whose model has the table by <c>modelBuilder.AddMessagingPatterns()</c>.</typeparam>
    /// <param name="group">The group.</param>
    /// <param name="configure">Sets the options, which groups with the same context share.</param>
    public static IConsumerGroupBuilder WithInbox<TContext>(this IConsumerGroupBuilder group, Action<InboxOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(group);
        var (services, name) = (group.Services, typeof(TContext).FullName!);

        if (services.All(service => service.ServiceType != typeof(InboxCleaner<TContext>)))
        {
            services.AddContextOptions<InboxOptions, InboxOptionsValidator>(name, InboxOptions.Section);
            services.AddSingleton<InboxCleaner<TContext>>();
            services.AddHostedService(provider => provider.GetRequiredService<InboxCleaner<TContext>>());
            TableVerification<TContext>.Add(services, provider => provider.GetRequiredService<IOptionsMonitor<InboxOptions>>().Get(name).VerifyTables, async (context, token) =>
                await new TableCheck(context).FindFaultAsync<InboxRow>(token).ConfigureAwait(false) is { } fault ? [fault] : []);
        }

        services.Configure(name, configure ?? (_ => { }));
        group.ConfigureHandlers(handlers => handlers.HandleWithin(new InboxTransaction<TContext>()));
        return group;
    }
}
