using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Chaos.Consume.Processes;

/// <summary>A member of both groups: journals every event that it is given as listener, and writes the projection.</summary>
internal sealed class MemberProcess(ChildSettings settings, ConsumeMode mode, Journal<Entry> journal)
{
    public const string Role = "member";

    /// <summary>A member that passes over an event at times.</summary>
    public const string SkippingMember = "skipping-member";

    /// <summary>A member that says an event is handled before it is.</summary>
    public const string HastyMember = "hasty-member";

    private readonly Random _random = new(settings.Seed);
    private readonly PositionFiles _positions = new(settings);

    public static async Task RunAsync(ChildSettings settings, ConsumeMode mode, CancellationToken stopping)
    {
        using var journal = new Journal<Entry>(settings.JournalPath);
        var member = new MemberProcess(settings, mode, journal);
        using var host = ChildHost.Build(settings, member.Register);
        await ChildHost.RunAsync(host, error => journal.Write(new Broken(Stopwatch.GetTimestamp(), error)), async working =>
        {
            settings.SayReady();
            await Task.Delay(Timeout.Infinite, working);
        }, stopping);
    }

    private void Register(IMessagingPatternsBuilder patterns)
    {
        patterns.Services.AddSingleton(_positions);
        patterns.AddEventType<Counted>()
            .AddConsumerGroupControl(control => control.Topic = ConsumeScenario.Control)
            .AddConsumerGroup(ConsumeScenario.Listeners, group => Add(group, mode.IsDividedByBrokers)
                .Handle<Counted>(HandleAsync)
                .OnFailure(SetAside))
            .AddConsumerGroup(ConsumeScenario.Projection, group => Add(group, !mode.IsDividedByBrokers)
                .KeepPositionIn<PositionFiles>()
                .Handle<Counted>(ApplyAsync)
                .OnFailure(failure => failure.RetryLater(delay: TimeSpan.FromMilliseconds(100), longestDelay: TimeSpan.FromSeconds(1))));
    }

    // Redirected after its second failure: what fails twice is handled in the retry topic, and what always fails is set aside there.
    private void SetAside(FailurePolicy failure)
    {
        var (delay, longest) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400));

        if (mode.IsRedirecting)
        {
            failure.RetryLater(retries: 1, delay, longest).ThenRedirect(redirected =>
            {
                (redirected.Retries, redirected.RetryDelay, redirected.MaxRetryDelay) = (3, delay, longest);
                redirected.ThenDeadLetter();
            });
        }
        else
        {
            failure.RetryLater(retries: 3, delay, longest).ThenDeadLetter();
        }
    }

    private KafkaConsumerGroupBuilder Add(KafkaConsumerGroupBuilder group, bool isDividedByBrokers) => group
        .From(settings.Topic)
        .Configure(options =>
        {
            options.CommitInterval = TimeSpan.FromMilliseconds(300);
            options.GroupInstanceId = mode.IsStatic ? settings.Name : null;
        })
        .ConfigureConsumer(consumer =>
        {
            if (isDividedByBrokers)
            {
                consumer.GroupProtocol = Confluent.Kafka.GroupProtocol.Consumer;
            }
            else
            {
                (consumer.SessionTimeoutMs, consumer.HeartbeatIntervalMs) = (4_000, 500);
            }
        });

    private async ValueTask HandleAsync(Counted counted, EventContext context, CancellationToken cancellationToken)
    {
        var (skips, pause) = Choose();

        if (skips)
        {
            return;
        }

        journal.Write(new HandlingBegun(
            Stopwatch.GetTimestamp(), context.Partition, context.Offset, counted.Key, counted.Number, context.Epoch, context.IsReplay, context.Attempt));
        var work = WorkAsync(counted, context, pause, cancellationToken);

        if (settings.Mutant != HastyMember)
        {
            await work;
        }
    }

    private async Task WorkAsync(Counted counted, EventContext context, int pause, CancellationToken cancellationToken)
    {
        if (pause > 0)
        {
            await Task.Delay(pause, cancellationToken);
        }

        if (context.Attempt <= counted.Failures)
        {
            throw new FormatException($"Attempt {context.Attempt} of {counted.Failures} that fail.");
        }

        journal.Write(new HandlingEnded(Stopwatch.GetTimestamp(), context.Partition, context.Offset, context.Epoch));
    }

    private async ValueTask ApplyAsync(Counted counted, EventContext context, CancellationToken cancellationToken)
    {
        if (context.Attempt <= counted.Failures && counted.Failures != Counted.Poison)
        {
            throw new FormatException($"Attempt {context.Attempt} of {counted.Failures} that fail.");
        }

        await _positions.ApplyAsync(counted, context, cancellationToken);
    }

    private (bool Skips, int Pause) Choose()
    {
        lock (_random)
        {
            var slow = _random.Next(200);
            return (settings.Mutant == SkippingMember && _random.Next(50) == 0, slow switch { 0 => _random.Next(200, 2_000), < 20 => _random.Next(1, 30), _ => 0 });
        }
    }
}
