using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Chaos.Consume.Processes;

/// <summary>A process without groups that gives orders to them: rewinds, pauses, skips. It alone does, so that it knows what no order passes over.</summary>
internal sealed class OperatorProcess(ChildSettings settings, IConsumerGroupControl control, Journal<Entry> journal)
{
    public const string Role = "operator";

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstRewind = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    private readonly Random _random = new(settings.Seed);
    private readonly RewindChooser _chooser = new(settings.Seed + 1);

    public static async Task RunAsync(ChildSettings settings, CancellationToken stopping)
    {
        using var journal = new Journal<Entry>(settings.JournalPath);
        using var host = ChildHost.Build(settings, patterns => patterns.AddConsumerGroupControl(control => control.Topic = ConsumeScenario.Control));
        var process = new OperatorProcess(settings, host.Services.GetRequiredService<IConsumerGroupControl>(), journal);
        await ChildHost.RunAsync(host, error => journal.Write(new Broken(Stopwatch.GetTimestamp(), error)), process.RunAsync, stopping);
    }

    private async Task RunAsync(CancellationToken working)
    {
        settings.SayReady();

        // Also in a run of seconds, something is rewound.
        await Task.Delay(FirstRewind, working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RewindAsync(ConsumeScenario.Listeners);

        while (!working.IsCancellationRequested)
        {
            var group = _random.Next(2) == 0 ? ConsumeScenario.Listeners : ConsumeScenario.Projection;
            await (_random.Next(10) switch { < 7 => RewindAsync(group), < 9 => PauseAsync(group, working), _ => SkipAsync() });
            await Task.Delay(_random.Next(200, 2_000), working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // All orders are carried out before the process ends, so that whoever reads the topic afterwards finds nothing open.
        while (await TryAsync("look for open rewinds", LookAsync) is false || _chooser.IsAnyOpen)
        {
            await Task.Delay(Again, CancellationToken.None);
        }
    }

    private async Task RewindAsync(string group)
    {
        var (scope, target) = (ScopeOf(group), (RewindTarget?)null);
        RewindPlan? plan = null;

        await TryAsync($"plan a rewind of {group}", async token =>
        {
            await LookAsync(token);
            var now = await control.PlanRewindAsync(scope, RewindTarget.End, token);
            target = _chooser.ChooseTarget(now);
            plan = await control.PlanRewindAsync(scope, target, token);
        });

        if (plan is null)
        {
            return;
        }

        journal.Write(new RewindPlanned(Stopwatch.GetTimestamp(), group, target!.AtTime, plan.Partitions));
        plan = _chooser.Restrict(plan);

        if (plan.Partitions.Count > 0)
        {
            string? operation = null;
            var what = $"rewind {group} to {string.Join(", ", plan.Partitions.Select(one => FormattableString.Invariant($"{one.Partition}@{one.Target}")))}";
            await TryAsync(what, async token => operation = await control.RewindAsync(plan, token));
            _chooser.Ordered(plan, operation);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var (group, operation) in _chooser.Operations)
        {
            var status = await control.GetRewindAsync(group, operation, cancellationToken);
            _chooser.Look(operation, [.. status.Partitions.Where(one => one.State == RewindState.Asked).Select(one => one.Partition)]);
        }
    }

    // Whatever happens in between, what was paused is resumed.
    private async Task PauseAsync(string group, CancellationToken working)
    {
        var scope = ScopeOf(group);
        var what = $"{group} {string.Join(", ", scope.Partitions)}";
        await TryAsync($"pause {what}", async token => await control.PauseAsync(scope, token));
        await Task.Delay(_random.Next(200, 3_000), working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        while (!await TryAsync($"resume {what}", async token => await control.ResumeAsync(scope, token)))
        {
            await Task.Delay(Again, CancellationToken.None);
        }
    }

    // An event to come: whether it is passed over depends on who is first, the order or the event.
    private Task<bool> SkipAsync() => TryAsync("skip an event to come", async token =>
    {
        var partition = (await control.PlanRewindAsync(ScopeOf(ConsumeScenario.Listeners), RewindTarget.End, token)).Partitions[0];
        await control.SkipAsync(ConsumeScenario.Listeners, settings.Topic, partition.Partition, partition.End + _random.Next(10), token);
    });

    private GroupScope ScopeOf(string group)
    {
        var all = Enumerable.Range(0, ConsumeScenario.Partitions).OrderBy(_ => _random.Next()).ToList();
        return new GroupScope(group) { Topics = [settings.Topic], Partitions = all[..(1 + _random.Next(ConsumeScenario.Partitions))] };
    }

    /// <summary>Does something with a limit. Returns whether it is known to be done.</summary>
    private async Task<bool> TryAsync(string what, Func<CancellationToken, Task> act)
    {
        using var limit = new CancellationTokenSource(CallLimit);

        try
        {
            await act(limit.Token);
            journal.Write(new Ordered(Stopwatch.GetTimestamp(), what));
            return true;
        }
        catch (Exception exception) when ((exception is OperationCanceledException && limit.IsCancellationRequested) || exception is MessagingException { IsTransient: true })
        {
            journal.Write(new Ordered(Stopwatch.GetTimestamp(), what, exception.Message));
            return false;
        }
    }
}
