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
    public static string ReasonOf(Error error) => error.Code switch
    {
        ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart => "the topic does not exist; create it, or correct its name",
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge => $"{error.Reason}; raise max.message.bytes of the topic and message.max.bytes of the producer, or make it smaller",
        _ => error.Reason,
    };

    /// <param name="topic">The topic.</param>
    /// <param name="size">The size of the record's value.</param>
    /// <param name="error">What client or broker said.</param>
    /// <param name="status">Whether the record may be stored all the same.</param>
    public static RecordOutcome Explain(string topic, int size, Error error, PersistenceStatus status) => new(
        status != PersistenceStatus.NotPersisted ? RecordStatus.Unknown
        : IsMissingTopic(error.Code) ? RecordStatus.NoTopic
        : IsTransient(error.Code) ? RecordStatus.Failed
        : RecordStatus.Refused,
        $"topic '{topic}': {ReasonOf(error)} ({error.Code}, {size} bytes)");

    private static bool IsMissingTopic(ErrorCode code) => code is ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart;
}
