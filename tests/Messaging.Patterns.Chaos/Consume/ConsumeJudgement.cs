using Confluent.Kafka;
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

    private readonly bool _isRedirecting = ConsumeMode.Of(run.Seed).IsRedirecting;

    /// <summary>Returns what is still to be handled or set aside, once nobody publishes or orders any more.</summary>
    public IReadOnlyList<Violation> FindOpen() => ConsumeChecker.FindOpen(ReadHistory());

    public Verdict Judge(IReadOnlyList<Committed> commits, IReadOnlyList<Committed> projectionCommits)
    {
        var caused = faults.Caused.ToList();
        var history = ReadHistory() with
        {
            Commits = commits,
            ProjectionCommits = projectionCommits,
            Projection = Enumerable.Range(0, ConsumeScenario.Partitions).ToDictionary(partition => partition, ReadProjection),
            Pauses = [.. caused.Where(fault => fault.Name == "pause process").Select(fault => (fault.Text.Split(' ')[0], fault.From, fault.To))],
        };

        faults.Say(FormattableString.Invariant($"{history.DeadLetters.Count} dead letters, {history.Redirected.Count} redirected, {history.Control.Count(one => one.Kind == ControlRecord.Rewind)} partitions rewound"));

        // Where a process failed, the rest was not drained, and would be judged wrongly.
        var failures = faults.Failures;
        IReadOnlyList<Violation> violations = failures.Count > 0
            ? [.. failures, .. history.Broken.Select(one => new Violation(ViolationKind.Failed, $"{one.Process} broke: {one.Told.Error}", At: one.Told.At))]
            : ConsumeChecker.Check(history);
        return new Verdict(history.Published.Count, caused.Count, violations, new ConsumeExcerpt(history, caused, run.Began).Around) { Remarks = faults.Remarks };
    }

    private ConsumeHistory ReadHistory()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        limit.CancelAfter(ReadLimit);
        return JournalHistory.Read(run.Journals) with
        {
            Log = [.. Read(run.Topic, limit.Token).Select(TopicHistory.ReadEvent)],
            Control = [.. Read(ConsumeScenario.Control, limit.Token).Select(TopicHistory.ReadControl).OfType<ControlRecord>()],
            DeadLetters = [.. Read(ConsumeScenario.DeadLetters, limit.Token).Select(TopicHistory.ReadDeadLetter)],
            Redirected = _isRedirecting ? [.. Read(run.Topic + ConsumeScenario.RetryTopic, limit.Token).Select(TopicHistory.ReadRedirected).OfType<RedirectedEvent>()] : [],
        };
    }

    private List<ConsumeResult<byte[], byte[]>> Read(string topic, CancellationToken cancellationToken) => ForeignLog.Read(run.Cluster.BootstrapServers, topic, cancellationToken);

    private IReadOnlyList<PositionLine> ReadProjection(int partition) =>
        PositionFiles.PathOf(run.Folder, partition) is var path && File.Exists(path) ? [.. Journal.Read<PositionLine>(path)] : [];
}
