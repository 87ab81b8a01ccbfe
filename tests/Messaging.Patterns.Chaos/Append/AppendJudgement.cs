using Confluent.Kafka;
using Messaging.Patterns.Chaos.Append.Checks;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>Puts the history of a run together and judges it.</summary>
internal sealed class AppendJudgement(ChaosRun run, IEnumerable<CausedFault> faults, Func<string, bool> isAudit)
{
    // A broker that was paused answers what lay in its queue before it learns that it leads no more.
    private static readonly TimeSpan DeposedFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReadLimit = TimeSpan.FromMinutes(2);

    public Verdict Judge(IReadOnlyList<Committed> commits, IReadOnlyList<Violation> failures)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        limit.CancelAfter(ReadLimit);
        var journals = JournalHistory.Read(run.Journals, isAudit);
        var records = ForeignLog.Read(run.Cluster.BootstrapServers, run.Topic, limit.Token);
        ForeignLog.Repeat(run.Cluster.BootstrapServers, Copies(journals, records), limit.Token);
        var deposed = (long)(DeposedFor.TotalSeconds * System.Diagnostics.Stopwatch.Frequency);

        var history = journals with
        {
            Topic = run.Topic,
            Commits = commits,
            Pauses = [.. faults.Where(fault => fault.Name == BrokerFaults.Pause).Select(fault => (fault.From, fault.To + deposed))],
            Log = ForeignFold.Fold(records),
            LogWithCopies = ForeignFold.Fold(ForeignLog.Read(run.Cluster.BootstrapServers, run.Topic, limit.Token)),
        };
        var acked = history.Appends.Where(call => call.Answer == Answer.Accepted).Select(call => call.Work.Label).Distinct().Count();
        var excerpt = new HistoryExcerpt(history, faults, run.Began);

        // Where a process failed, the rest was not drained, and would be judged wrongly.
        IReadOnlyList<Violation> violations = failures.Count > 0 ? [.. failures, .. journals.Broken.Select(BrokenOf)] : AppendChecker.Check(history);
        return new Verdict(acked, faults.Count(), violations, excerpt.Around);
    }

    /// <summary>Returns late copies: of every third record, and of every frame whose outcome was unknown.</summary>
    private static IEnumerable<ConsumeResult<byte[], byte[]>> Copies(AppendHistory journals, List<ConsumeResult<byte[], byte[]>> records)
    {
        var partitions = records.GroupBy(record => Convert.ToHexString(record.Message.Key)).ToDictionary(same => same.Key, same => same.First().TopicPartition);
        var pending = journals.Appends.Select(call => call.Pending).OfType<PendingNote>()
            .Select(pending => (Key: System.Text.Encoding.UTF8.GetBytes(pending.Stream), pending.Frame));
        return
        [
            .. records.Where((_, index) => index % 3 == 0),
            .. pending.Where(one => partitions.ContainsKey(Convert.ToHexString(one.Key))).Select(one => new ConsumeResult<byte[], byte[]>
            {
                TopicPartitionOffset = new TopicPartitionOffset(partitions[Convert.ToHexString(one.Key)], Offset.Unset),
                Message = new Message<byte[], byte[]> { Key = one.Key, Value = one.Frame },
            }),
        ];
    }

    private static Violation BrokenOf((string Process, Broken Told) broken) =>
        new(ViolationKind.Failed, $"{broken.Process} broke: {broken.Told.Error}", At: broken.Told.At);
}
