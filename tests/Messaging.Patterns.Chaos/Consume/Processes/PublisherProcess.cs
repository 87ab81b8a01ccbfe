using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Chaos.Consume.Processes;

/// <summary>A process that publishes events, of some keys one after another, and journals what was acknowledged.</summary>
internal sealed class PublisherProcess(ChildSettings settings, IEventPublisher publisher, Journal<Entry> journal)
{
    public const string Role = "publisher";

    private const int Keys = 8;

    public static async Task RunAsync(ChildSettings settings, CancellationToken stopping)
    {
        using var journal = new Journal<Entry>(settings.JournalPath);
        using var host = ChildHost.Build(settings, patterns => patterns
            .AddEventType<Counted>()
            .AddKafkaPublisher()
            .AddRoute<Counted>(settings.Topic, counted => counted.Key, topic =>
            {
                topic.Partitions = ConsumeScenario.Partitions;
                topic.Configs["message.timestamp.type"] = "LogAppendTime";
            }));
        var process = new PublisherProcess(settings, host.Services.GetRequiredService<IEventPublisher>(), journal);
        await ChildHost.RunAsync(host, error => journal.Write(new Broken(Stopwatch.GetTimestamp(), error)), working =>
        {
            settings.SayReady();
            return Task.WhenAll(Enumerable.Range(0, Keys).Select(key => PublishAsync(process, key, working)));
        }, stopping);
    }

    private static Task PublishAsync(PublisherProcess process, int key, CancellationToken working) => process.PublishAsync(key, working);

    // What a former start of this process had under way may still come, in between; its outcome was never told.
    private async Task PublishAsync(int key, CancellationToken working)
    {
        var random = new Random(settings.Seed + key);
        var name = $"{(char)('a' + key)}-{settings.Name}";

        for (var number = Counted.NumbersPerStart * settings.Incarnation; ; number++)
        {
            var counted = new Counted(name, number, random.Next(1_000) switch { < 4 => Counted.Poison, < 16 => 1, < 20 => 2, _ => 0 });

            try
            {
                var position = await publisher.PublishAsync(new EventData(counted), working);
                journal.Write(new Published(Stopwatch.GetTimestamp(), name, number, position.ToString()));
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // It may be in the topic or not; the next one has a number of its own.
            }

            await Task.Delay(random.Next(30, 400), working);
        }
    }
}
