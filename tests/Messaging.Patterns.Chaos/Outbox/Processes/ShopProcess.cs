using System.Diagnostics;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Chaos.Outbox.Processes;

/// <summary>A process of a shop: it writes, relays, handles, or does two of these.</summary>
internal static class ShopProcess
{
    public const string Writer = "writer";
    public const string WriterAndRelay = "writer-relay";
    public const string Relay = "relay";
    public const string Member = "member";
    public const string Operator = "operator";

    /// <summary>A group without an inbox.</summary>
    public const string WithoutInbox = "without-inbox";

    public static async Task RunAsync(ChildSettings settings, CancellationToken stopping)
    {
        using var journal = new Journal<Entry>(settings.JournalPath);
        using var host = ChildHost.Build(settings, patterns => Register(patterns, settings));
        await ChildHost.RunAsync(host, error => journal.Write(new Broken(Stopwatch.GetTimestamp(), error)), async working =>
        {
            settings.SayReady();

            if (settings.Role is Writer or WriterAndRelay)
            {
                await Task.WhenAll(Enumerable.Range(0, WriterClient.PerProcess).Select(number => WriteAsync(host, settings, journal, number, working)));
            }

            await (settings.Role == Operator ? new Rewinder(settings, host.Services.GetRequiredService<IConsumerGroupControl>()).RunAsync(working) : Task.Delay(Timeout.Infinite, working));
        }, stopping);
    }

    public static string ToldTopicOf(string topic) => $"{topic}.told";

    private static Task WriteAsync(IHost host, ChildSettings settings, Journal<Entry> journal, int number, CancellationToken working) => new WriterClient(
        host.Services.GetRequiredService<IServiceScopeFactory>(),
        journal,
        new Random(settings.Seed + number),
        settings.Mutant == WriterClient.DirectWriter ? host.Services.GetRequiredService<IEventPublisher>() : null).RunAsync(working);

    private static void Register(IMessagingPatternsBuilder patterns, ChildSettings settings)
    {
        if (settings.Role == Operator)
        {
            patterns.AddConsumerGroupControl(control => control.Topic = InboxScenario.Control);
            return;
        }

        patterns.Services.AddDbContext<ShopContext>(options => UnfencedCommands.Break(options.UseNpgsql(settings.Database), settings));
        patterns.AddEventType<Placed>().AddEventType<Told>().AddPostgreSqlOutbox<ShopContext>();
        patterns.AddKafkaPublisher()
            .AddRoute<Placed>(settings.Topic, placed => placed.Key, topic => topic.Partitions = OutboxScenario.Partitions)
            .AddRoute<Told>(ToldTopicOf(settings.Topic), told => told.Key, topic => topic.Partitions = OutboxScenario.Partitions);

        if (settings.Role is Relay or WriterAndRelay)
        {
            // Shorter than most pauses, so that others take over and the paused one goes on.
            patterns.AddPostgreSqlOutboxRelay<ShopContext>(relay => relay.LeaseDuration = TimeSpan.FromSeconds(3));
        }

        if (settings.Role == Member)
        {
            patterns.Services.AddSingleton(settings);
            patterns.AddConsumerGroupControl(control => control.Topic = InboxScenario.Control)
                .AddConsumerGroup(InboxScenario.Packing, group => AddHandler(group, settings, one => one.WithInbox<ShopContext>()))
                .AddConsumerGroup(InboxScenario.Counting, group => AddHandler(group, settings, one => one.WithInboxPosition<ShopContext>()));
        }
    }

    private static void AddHandler(KafkaConsumerGroupBuilder group, ChildSettings settings, Action<KafkaConsumerGroupBuilder> remember)
    {
        group.From(settings.Topic)
            .Handle<Placed, Packing>()
            .OnFailure(failure => failure.RetryLater(delay: TimeSpan.FromMilliseconds(200), longestDelay: TimeSpan.FromSeconds(2)))
            .Configure(options => (options.CommitInterval, options.DrainTimeout) = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1)))
            .ConfigureConsumer(consumer => (consumer.SessionTimeoutMs, consumer.HeartbeatIntervalMs) = (4_000, 500));

        if (settings.Mutant != WithoutInbox)
        {
            remember(group);
        }
    }
}
