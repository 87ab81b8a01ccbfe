using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume.Processes;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>One run of the scenario: start, faults, calm, judgement.</summary>
internal sealed class ConsumeRun : IDisposable
{
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromMinutes(2);

    private readonly ChaosRun _run;
    private readonly ConsumeMode _mode;
    private readonly List<ChildProcess> _publishers;
    private readonly List<ChildProcess> _members;
    private readonly ChildProcess _operator;
    private readonly FaultRun _faults;
    private readonly ConsumeJudgement _judgement;
    private readonly JournalCounter _counter;
    private readonly CommitWatch _listeners;
    private readonly CommitWatch _projection;

    public ConsumeRun(ChaosRun run)
    {
        _run = run;
        _mode = ConsumeMode.Of(run.Seed);
        _publishers = [run.AddChild(PublisherProcess.Role, "publisher-1"), run.AddChild(PublisherProcess.Role, "publisher-2")];
        _members = [run.AddChild(_mode.Role, "member-1"), run.AddChild(_mode.Role, "member-2"), run.AddChild(_mode.Role, "member-3")];
        _operator = run.AddChild(OperatorProcess.Role, "operator");
        _counter = new JournalCounter(run);
        _listeners = new CommitWatch(run, ConsumeScenario.Listeners, ConsumeScenario.Partitions, ConsumeScenario.DeadLetters, _mode.IsRedirecting ? run.Topic + ConsumeScenario.RetryTopic : null);
        _projection = new CommitWatch(run, ConsumeScenario.Projection, ConsumeScenario.Partitions);
        _faults = new FaultRun(
            run,
            [
                new(BrokerFaults.Of(run.Cluster, ChaosRun.Brokers), run.Seed),
                new(NetworkFaults.Of(run.Cluster, ChaosRun.Zones, ChaosRun.Brokers), run.Seed + 1),
                new([.. ProcessFaults.Of([.. _members, .. _publishers]), ProcessFaults.Leaving(_members)], run.Seed + 2),
            ],
            Describe);
        _judgement = new ConsumeJudgement(run, _faults);
    }

    public async Task<Verdict> RunAsync()
    {
        _faults.Say(_mode.ToString());
        await _faults.StartAsync(_publishers[0], () => Task.FromResult(IsHandling()));

        if (await _faults.FailAsync(_listeners.RunAsync, _projection.RunAsync))
        {
            await EndAsync();
        }

        _faults.Say("judging");
        return _judgement.Judge(_listeners.Commits, _projection.Commits);
    }

    public void Dispose()
    {
        _counter.Dispose();
        _listeners.Dispose();
        _projection.Dispose();
    }

    // Members that have joined, and have found the control topic and that of the dead letters.
    private bool IsHandling()
    {
        _counter.Update();
        return _counter.Handled > 0 && Enumerable.Range(0, ConsumeScenario.Partitions).All(partition => File.Exists(PositionFiles.PathOf(_run.Folder, partition)));
    }

    /// <summary>All faults are over: nothing more is published, all orders are carried out, and the groups catch up.</summary>
    private async Task EndAsync()
    {
        await Task.WhenAll(_publishers.Select(publisher => publisher.StopAsync()));
        await _operator.StopAsync();

        foreach (var (name, commits) in new[] { (ConsumeScenario.Listeners, _listeners), (ConsumeScenario.Projection, _projection) })
        {
            if (!await commits.UntilCaughtUpAsync(CatchUpLimit))
            {
                _faults.Fail($"{name} has not handled everything {CatchUpLimit.TotalSeconds:N0} s after the last fault: {commits.Behind}");
            }
        }

        if (_mode.IsRedirecting)
        {
            await UntilRetriedAsync();
        }

        await Task.WhenAll(_members.Select(member => member.StopAsync()));
    }

    // What waits in the retry topic is committed before it is handled, one event of a key after another. When nothing gets on, what is still open is judged as lost.
    private async Task UntilRetriedAsync()
    {
        var (fewest, moved) = (int.MaxValue, Stopwatch.GetTimestamp());

        while (_judgement.FindOpen().Count is > 0 and var open && Stopwatch.GetElapsedTime(moved) < CatchUpLimit)
        {
            (fewest, moved) = open < fewest ? (open, Stopwatch.GetTimestamp()) : (fewest, moved);
            _faults.Say(FormattableString.Invariant($"{open} events wait to be tried again"));
            await Task.Delay(2_000, _run.Stopping);
        }
    }

    private string Describe()
    {
        _counter.Update();
        return FormattableString.Invariant($"acked {_counter.Published,6:N0}  handled {_counter.Handled,6:N0}  replayed {_counter.Replayed,6:N0}  orders {_counter.Orders,4:N0}");
    }
}
