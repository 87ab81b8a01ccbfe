using Messaging.Patterns.Chaos.Consume.Checks;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Consume.Processes;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>Puts the history of a run together and judges it.</summary>
internal sealed class ConsumeJudgement(ChaosRun run, FaultRun faults)
{
    private static readonly TimeSpan ReadLimit = TimeSpan.FromMinutes(2);

    public Verdict Judge(IReadOnlyList<Committed> commits, IReadOnlyList<Committed> projectionCommits)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        limit.CancelAfter(ReadLimit);
        var caused = faults.Caused.ToList();
        var history = JournalHistory.Read(run.Journals) with
        {
            Log = [.. ForeignLog.Read(run.Cluster.BootstrapServers, run.Topic, limit.Token).Select(TopicHistory.ReadEvent)],
            Control = [.. ForeignLog.Read(run.Cluster.BootstrapServers, ConsumeScenario.Control, limit.Token).Select(TopicHistory.ReadControl).OfType<ControlRecord>()],
            DeadLetters = [.. ForeignLog.Read(run.Cluster.BootstrapServers, ConsumeScenario.DeadLetters, limit.Token).Select(TopicHistory.ReadDeadLetter)],
            Commits = commits,
            ProjectionCommits = projectionCommits,
            Projection = Enumerable.Range(0, ConsumeScenario.Partitions).ToDictionary(partition => partition, ReadProjection),
            Pauses = [.. caused.Where(fault => fault.Name == "pause process").Select(fault => (fault.Text.Split(' ')[0], fault.From, fault.To))],
        };

        // Where a process failed, the rest was not drained, and would be judged wrongly.
        var failures = faults.Failures;
        IReadOnlyList<Violation> violations = failures.Count > 0
            ? [.. failures, .. history.Broken.Select(one => new Violation(ViolationKind.Failed, $"{one.Process} broke: {one.Told.Error}", At: one.Told.At))]
            : ConsumeChecker.Check(history);
        return new Verdict(history.Published.Count, caused.Count, violations, new ConsumeExcerpt(history, caused, run.Began).Around) { Remarks = faults.Remarks };
    }

    private IReadOnlyList<PositionLine> ReadProjection(int partition) =>
        PositionFiles.PathOf(run.Folder, partition) is var path && File.Exists(path) ? [.. Journal.Read<PositionLine>(path)] : [];
}
