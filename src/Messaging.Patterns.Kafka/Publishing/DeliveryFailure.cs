using Confluent.Kafka;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>What a failed delivery means for who sent the record.</summary>
internal static class DeliveryFailure
{
    /// <summary>Returns whether the same record may be taken later, without any change.</summary>
    public static bool IsTransient(ErrorCode code) => code is not (
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord or ErrorCode.InvalidMsg or ErrorCode.TopicException
        or ErrorCode.PolicyViolation or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
        or ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart or ErrorCode.Local_InvalidArg);

    /// <summary>Returns what the error says, and what to do where that is not plain.</summary>
    public static string ReasonOf(Error error) => error.Code is ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart
        ? "the topic does not exist; create it, or correct its name"
        : error.Reason;

    public static RecordOutcome Explain(string topic, Error error, PersistenceStatus status) => new(
        status != PersistenceStatus.NotPersisted ? RecordStatus.Unknown : IsTransient(error.Code) ? RecordStatus.Failed : RecordStatus.Refused,
        $"topic '{topic}': {ReasonOf(error)} ({error.Code})");
}
