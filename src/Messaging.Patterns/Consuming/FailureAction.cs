namespace Messaging.Patterns.Consuming;

/// <summary>What a consumer group does with an event that retries did not cure.</summary>
public enum FailureAction
{
    /// <summary>Its partition stops until the group is started again, and nothing after the event is committed. The default: nothing is lost, and nothing goes on as if it were handled.</summary>
    Stop,

    /// <summary>It is set aside as a dead letter, with its bytes and with where and why it failed; then its partition goes on. Later events of its key are handled without it.</summary>
    DeadLetter,

    /// <summary>It and all later events of its key go to a retry topic, and are handled from there in their order, while all other keys and the commit go on.</summary>
    Redirect,
}
