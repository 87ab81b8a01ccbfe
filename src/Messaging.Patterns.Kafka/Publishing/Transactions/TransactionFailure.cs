using Confluent.Kafka;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>What a failure of a transaction means, and what to do.</summary>
internal static class TransactionFailure
{
    /// <summary>Returns why a transactional id could not be taken over.</summary>
    public static MessagingException Explain(TransactionalId id, KafkaException exception) =>
        new($"Transactional id '{id}' could not be taken over: {ReasonOf(exception.Error)} ({exception.Error.Code}).", exception);

    /// <summary>Returns what became of a transaction that the client did not bring to its end.</summary>
    public static TransactionOutcome OutcomeOf(Exception exception, bool isFenced) => exception is KafkaException { Error: var error }
        ? new(isFenced || TransactionalClient.IsFencing(error) ? TransactionStatus.Fenced : TransactionStatus.Unknown, $"{ReasonOf(error)} ({error.Code})")
        : new(TransactionStatus.Unknown, "the producer was closed");

    private static string ReasonOf(Error error) => error.Code switch
    {
        ErrorCode.Local_TimedOut or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup =>
            $"{error.Reason}; brokers keep transactions in their topic __transaction_state, which needs as many of them as transaction.state.log.replication.factor says (3 by default), and transaction.state.log.min.isr of its copies in sync",
        ErrorCode.TransactionalIdAuthorizationFailed => $"{error.Reason}; allow Write and Describe on transactional ids of its prefix",
        ErrorCode.InvalidTransactionTimeout => $"{error.Reason}; lower transaction.timeout.ms of the producer, or raise transaction.max.timeout.ms of the brokers",
        _ => error.Reason,
    };
}
