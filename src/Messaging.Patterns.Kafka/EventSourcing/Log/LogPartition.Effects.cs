using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>What the state machine asks for, called under the lock; and the answers.</summary>
internal sealed partial class LogPartition : IWriterEffects
{
    // A thread that sends puts its own empty list in the place of the one that it takes.
    [ThreadStatic]
    private static List<AttemptReport>? _spare;

    // Used again and again: as many as copies were out at the same time. New ones, with their handlers, would live long enough to be moved twice.
    private readonly Stack<AttemptReport> _reports = new();

    void IWriterEffects.Produce(Attempt attempt)
    {
        var report = _reports.TryPop(out var unused) ? unused : new AttemptReport(this);
        report.Begin(attempt);
        _toSend.Add(report);
    }

    void IWriterEffects.Folded(long offset, in FrameHeader frame, bool isAccepted, Attempt? own)
    {
        Store?.Append(
            !isAccepted ? FoldedRecord.Skipped(offset) with { Frame = frame }
            : own is null ? new FoldedRecord(offset, frame, true, _tailKey, _tailValue)
            : ((AppendOperation)own.Append).RecordOf(own, offset, frame));
    }

    void IWriterEffects.Complete(Append append, in AppendDecision decision)
    {
        var operation = (AppendOperation)append;
        _pending.Remove(operation);
        operation.Complete(decision);

        if (_pending.Count == 0)
        {
            _drained?.TrySetResult();
            _drained = null;
        }
    }

    void IWriterEffects.QueryEnd(Append append) => _topic.Ends.Query(Number, end =>
    {
        lock (_gate)
        {
            _writer.EndKnown(append, end);
        }

        SendWaiting();
    });

    void IWriterEffects.RetryLater(Append append) => _topic.Retries.Schedule(() =>
    {
        lock (_gate)
        {
            _writer.Resend(append);
        }

        SendWaiting();
    });

    void IWriterEffects.Yield(StreamYield yield) => _topic.Retries.Schedule(
        () =>
        {
            lock (_gate)
            {
                _writer.YieldOver(yield);
            }

            SendWaiting();
        },
        yield.Pause);

    void IWriterEffects.Stop(ProtocolFault fault)
    {
        _stopReason = $"{fault.Text} (topic '{_topic.Name}', partition {Number}).";
        Failure = NewFailure();

        if (fault.Reason != FaultReason.Closed)
        {
            Log.Stopped(_topic.Logger, _topic.Name, Number, fault.Reason, fault.Text);
        }

        _caughtUp.TrySetException(Failure);
        Readable.Fail(Failure);
    }

    private void SendWaiting()
    {
        // Whoever added something comes here afterwards and sees it; others may look in vain.
        if (_toSend.Count == 0)
        {
            return;
        }

        List<AttemptReport> toSend;

        lock (_gate)
        {
            (toSend, _toSend, _spare) = (_toSend, _spare ?? [], null);
        }

        foreach (var report in toSend)
        {
            Send(report);
        }

        toSend.Clear();
        _spare = toSend;
    }

    private void Send(AttemptReport report)
    {
        var attempt = report.Attempt;
        var operation = (AppendOperation)attempt.Append;

        if (operation.BytesOf(attempt) is not { } value)
        {
            // Accepted meanwhile, by an earlier copy.
            NotPersisted(report, error: null, isFinal: false);
            return;
        }

        _topic.Producer.Send(Place, _topic.RecordOf(operation.RecordKey, value), report);
    }
}
