using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Takes the producer's report about one copy of a frame to the partition, which then uses it for another copy.</summary>
internal sealed class AttemptReport(LogPartition partition) : DeliverySink
{
    private Attempt? _attempt;

    /// <summary>Gets the copy.</summary>
    public Attempt Attempt => _attempt ?? throw new InvalidOperationException("The copy was reported before.");

    /// <summary>Begins to stand for a copy that is to be sent.</summary>
    public void Begin(Attempt attempt)
    {
        _attempt = attempt;
        ((AppendOperation)attempt.Append).CopyBegins();
    }

    /// <summary>The copy is reported.</summary>
    public Attempt End()
    {
        var attempt = Attempt;
        _attempt = null;
        ((AppendOperation)attempt.Append).CopyReported();
        return attempt;
    }

    public override void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (!report.Error.IsError && report.Offset.Value >= 0)
        {
            partition.Acknowledged(this, report.Offset.Value);
        }
        else if (report.Error.IsError && report.Status == PersistenceStatus.NotPersisted)
        {
            partition.NotPersisted(this, new KafkaException(report.Error), IsFinal(report.Error.Code));
        }
        else
        {
            partition.Uncertain(this);
        }
    }

    /// <summary>Returns whether the same record would meet the same error again; everything else is worth another try until the time is up.</summary>
    public static bool IsFinal(ErrorCode code) => code is
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.Local_InvalidArg or ErrorCode.Local_BadMsg or ErrorCode.InvalidRecord
        or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TopicException or ErrorCode.PolicyViolation;
}
