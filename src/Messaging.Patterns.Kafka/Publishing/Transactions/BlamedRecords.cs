using System.Collections.Concurrent;
using Confluent.Kafka;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>The records for which a transaction cannot be committed. Those that fail only because it is aborted are not among them.</summary>
internal sealed class BlamedRecords(IReadOnlyList<string> topics)
{
    private readonly ConcurrentDictionary<int, RecordOutcome> _blamed = [];

    public bool IsEmpty => _blamed.IsEmpty;

    /// <summary>Gets or sets why it cannot be committed.</summary>
    public string? Reason { get; set; }

    /// <summary>The client reports a record, or the note.</summary>
    public void Delivered(DeliveryReport<byte[], byte[]> report, int? place)
    {
        if (report.Error.IsError && place is { } one && report.Error.Code is not (ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight or ErrorCode.Local_Fatal or ErrorCode.Local_Fenced))
        {
            _blamed[one] = DeliveryFailure.Explain(topics[one], report.Message.Value?.Length ?? 0, report.Error, report.Status);
        }
    }

    /// <summary>The client does not take a record.</summary>
    public void Refused(Error error, int place, int size) => _blamed[place] = DeliveryFailure.Explain(topics[place], size, error, PersistenceStatus.NotPersisted);

    public IReadOnlyDictionary<int, RecordOutcome> Take() => _blamed.ToDictionary();
}
