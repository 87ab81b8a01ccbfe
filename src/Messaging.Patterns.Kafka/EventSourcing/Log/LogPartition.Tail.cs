using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>What the tail tells the partition. One thread calls these.</summary>
internal sealed partial class LogPartition
{
    // The record that the tail is delivering, for the store.
    private byte[] _tailKey = [];
    private byte[] _tailValue = [];

    /// <summary>The log holds a record.</summary>
    public void TailRecord(long offset, byte[]? key, byte[]? value)
    {
        if (ConfirmsOwn(offset, key, value))
        {
            return;
        }

        if (FrameReader.Read(key, value, out var frame) is { } fault)
        {
            SetAside(offset, fault);
            return;
        }

        lock (_gate)
        {
            (_tailKey, _tailValue) = (key!, value!);
            _writer.TailRecord(offset, frame);
            CheckCaughtUp();
        }

        SendWaiting();
    }

    /// <summary>The log is delivered up to an offset, where the partition ends for now.</summary>
    public void TailEnd(long next)
    {
        lock (_gate)
        {
            if (next > _writer.Position && _writer.Fault is null)
            {
                Store?.Append(FoldedRecord.Skipped(next - 1));
            }

            _writer.TailEnd(next);
            CheckCaughtUp();
        }

        SendWaiting();
    }

    /// <summary>Most records are frames of our own that were folded from their acknowledgement: they need no parsing.</summary>
    private bool ConfirmsOwn(long offset, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        lock (_gate)
        {
            if (_writer.ExpectedAt(offset) is not { } own || own.Stream != StreamKeys.Of(key) || !FramePrefix.Fits(value, own))
            {
                return false;
            }

            _writer.TailConfirms();
            return true;
        }
    }

    private void SetAside(long offset, FrameFault fault)
    {
        if (fault.IsNewer || _topic.Options.OnForeignRecord == ForeignRecordPolicy.Stop)
        {
            Stop(
                FaultReason.UnknownRecord,
                $"offset {offset} holds no frame of this store: {fault.Reason}. Find out who writes to the topic and keep them out (ACLs); "
                + $"then let the store pass over such records with {nameof(KafkaEventStoreOptions.OnForeignRecord)} = {nameof(ForeignRecordPolicy.SetAside)}");
            return;
        }

        Log.SetAside(_topic.Logger, _topic.Name, Number, offset, fault.Reason);
        _topic.Metrics.ForeignRecords.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", _topic.Name));
        TailEnd(offset + 1);
    }
}
