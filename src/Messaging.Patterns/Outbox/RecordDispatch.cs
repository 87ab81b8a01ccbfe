using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox;

/// <summary>Sends every row by itself, one of a key at a time.</summary>
internal sealed class RecordDispatch(IRecordProducer producer, OutboxRelayOptions options, TimeProvider time, OutboxSignal work) : RelayDispatch(options, time, work)
{
    // A record that is refused at once is told before the call returns; then the one who sends goes on, and not the one who hears of it.
    [ThreadStatic]
    private static bool _isSending;

    protected override RelayQueue Queue { get; } = new(options.MaxHeldRows, options.MaxInFlight);

    public override void Send()
    {
        if (_isSending)
        {
            return;
        }

        _isSending = true;

        try
        {
            while (TakeNext() is { } row)
            {
                producer.Send(row.Record!, outcome => Completed(row, outcome));
            }
        }
        finally
        {
            _isSending = false;
        }
    }

    private RelayRow? TakeNext()
    {
        lock (Gate)
        {
            var now = Now;
            Queue.Wake(now);
            return IsPaused || IsCutOff || !Leases.IsValid(now) ? null : Queue.TakeNext();
        }
    }

    private void Completed(RelayRow row, RecordOutcome outcome)
    {
        lock (Gate)
        {
            switch (outcome.Status)
            {
                case RecordStatus.Acknowledged:
                    Queue.Acknowledged(row);
                    break;
                case RecordStatus.Refused:
                case RecordStatus.NoTopic when IsMissingTooLong(row):
                    Queue.Refuse(row, outcome.Reason);
                    break;
                default:
                    Queue.Failed(row, outcome.Reason, Now + DelayAfter(row.Failures));
                    break;
            }
        }

        (outcome.Status == RecordStatus.Acknowledged ? Stored : Work).Set();
        Told(row, outcome);
        Send();
    }
}
