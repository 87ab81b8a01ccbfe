using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.Checks;
using Messaging.Patterns.Chaos.Outbox.History;
using Messaging.Patterns.Chaos.Outbox.Processes;
using Messaging.Patterns.TestServers;
using ControlRecord = Messaging.Patterns.Chaos.Consume.History.ControlRecord;
using TopicHistory = Messaging.Patterns.Chaos.Consume.History.TopicHistory;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>Puts the history of a run together and judges it.</summary>
internal sealed class OutboxJudgement(ChaosRun run, FaultRun faults, ShopDatabase database)
{
    private static readonly TimeSpan ReadLimit = TimeSpan.FromMinutes(2);

    public async Task<Verdict> JudgeAsync(bool isHandled)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        limit.CancelAfter(ReadLimit);
        var told = run.Journals.SelectMany(path => Journal.Read<Entry>(path).Select(entry => (Process: Path.GetFileNameWithoutExtension(path), Entry: entry))).ToList();
        var caused = faults.Caused.ToList();
        var history = new OutboxHistory
        {
            Transactions = [.. told.Where(one => one.Entry is TransactionEnded).Select(one => (one.Process, (TransactionEnded)one.Entry))],
            Broken = [.. told.Where(one => one.Entry is Broken).Select(one => (one.Process, (Broken)one.Entry))],
            Ledger = await database.ReadLedgerAsync(),
            Log = [.. ForeignLog.Read(run.Cluster.BootstrapServers, run.Topic, limit.Token).Select(ReadSent)],
            Effects = isHandled ? await database.ReadEffectsAsync() : null,
            Control = isHandled ? [.. ForeignLog.Read(run.Cluster.BootstrapServers, InboxScenario.Control, limit.Token).Select(TopicHistory.ReadControl).OfType<ControlRecord>()] : [],
            Told = isHandled ? [.. ForeignLog.Read(run.Cluster.BootstrapServers, ShopProcess.ToldTopicOf(run.Topic), limit.Token).Select(ReadTold)] : [],
        };

        // Where a process failed, the rest was not drained, and would be judged wrongly.
        var failures = faults.Failures;
        IReadOnlyList<Violation> violations = failures.Count > 0
            ? [.. failures, .. history.Broken.Select(one => new Violation(ViolationKind.Failed, $"{one.Process} broke: {one.Told.Error}", At: one.Told.At))]
            : OutboxChecker.Check(history);
        var acked = history.Transactions.Where(one => one.Told.IsCommitted == true).Sum(one => one.Told.Ids.Count);
        return new Verdict(acked, caused.Count, violations, new OutboxExcerpt(history, caused, run.Began).Around)
        {
            Remarks = [.. faults.Remarks, .. RemarkRewinds(history), $"repeated={history.Log.Count - history.Log.DistinctBy(one => one.Id).Count()}"],
        };
    }

    private static IEnumerable<string> RemarkRewinds(OutboxHistory history) => history.Effects is { } effects
        ? [$"rewinds={history.Control.Count(one => one.Kind == ControlRecord.Rewind)} effects={effects.Count} of them in replays={effects.Count(one => one.Epoch > 0)}"]
        : [];

    private static Sent ReadSent(ConsumeResult<byte[], byte[]> record)
    {
        using var json = JsonDocument.Parse(record.Message.Value);
        return new(record.Partition.Value, record.Offset.Value, Encoding.UTF8.GetString(record.Message.Key), json.RootElement.GetProperty("id").GetString()!);
    }

    private static SentOn ReadTold(ConsumeResult<byte[], byte[]> record)
    {
        using var json = JsonDocument.Parse(record.Message.Value);
        var data = json.RootElement.GetProperty("data");
        return new(data.GetProperty("group").GetString()!, Encoding.UTF8.GetString(record.Message.Key), json.RootElement.GetProperty("id").GetString()!, data.GetProperty("of").GetString()!);
    }
}
