using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Takes the producer's report about one copy of a frame to the partition.</summary>
internal sealed class AttemptReport(LogPartition partition, Attempt attempt) : DeliverySink
{
    public override void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (!report.Error.IsError && report.Offset.Value >= 0)
        {
            partition.Acknowledged(attempt, report.Offset.Value);
        }
        else if (report.Error.IsError && report.Status == PersistenceStatus.NotPersisted)
        {
            partition.NotPersisted(attempt, new KafkaException(report.Error), IsFinal(report.Error.Code));
        }
        else
        {
            partition.Uncertain(attempt);
        }
    }

    /// <summary>Returns whether the same record would meet the same error again; everything else is worth another try until the time is up.</summary>
    public static bool IsFinal(ErrorCode code) => code is
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.Local_InvalidArg or ErrorCode.Local_BadMsg or ErrorCode.InvalidRecord
        or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TopicException or ErrorCode.PolicyViolation;
}
