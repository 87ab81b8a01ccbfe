using System.Diagnostics;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Chaos.Append.Processes;

/// <summary>A member of the consumer group: journals every event that it is given.</summary>
internal sealed class MemberProcess(ChildSettings settings, Journal<Entry> journal)
{
    /// <summary>The group's name.</summary>
    public const string Group = "chaos-listeners";

    /// <summary>A member that passes over an event at times.</summary>
    public const string SkippingMember = "skipping-member";

    private readonly Random _random = new(settings.Seed);

    public static async Task RunAsync(ChildSettings settings, CancellationToken stopping)
    {
        using var journal = new Journal<Entry>(settings.JournalPath);
        var member = new MemberProcess(settings, journal);
        using var host = ChildHost.Build(settings, patterns => patterns
            .AddEventType<Noted>()
            .AddConsumerGroup(Group, group => group
                .From(settings.Topic)
                .Handle<Noted>(member.HandleAsync)
                .Configure(options => options.CommitInterval = TimeSpan.FromMilliseconds(300))
                .ConfigureConsumer(consumer => (consumer.SessionTimeoutMs, consumer.HeartbeatIntervalMs) = (4_000, 500))));

        await ChildHost.RunAsync(host, error => journal.Write(new Broken(Stopwatch.GetTimestamp(), error)), async working =>
        {
            settings.SayReady();
            await Task.Delay(Timeout.Infinite, working);
        }, stopping);
    }

    private async ValueTask HandleAsync(Noted noted, EventContext context, CancellationToken cancellationToken)
    {
        var (skips, pause) = Choose();

        if (skips)
        {
            return;
        }

        journal.Write(new HandlingBegun(
            Stopwatch.GetTimestamp(), context.Stream!.ToString(), context.Version, context.Partition, context.Offset, context.Index, noted.Text));

        if (pause > 0)
        {
            await Task.Delay(pause, cancellationToken);
        }

        journal.Write(new HandlingEnded(Stopwatch.GetTimestamp(), context.Partition, context.Offset, context.Index));
    }

    private (bool Skips, int Pause) Choose()
    {
        lock (_random)
        {
            return (settings.Mutant == SkippingMember && _random.Next(100) == 0, _random.Next(10) == 0 ? _random.Next(1, 10) : 0);
        }
    }
}
