using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Outbox;

internal sealed partial class OutboxRelay
{
    private static partial class Log
    {
        [LoggerMessage(2100, LogLevel.Information, "The outbox relay runs as {Instance}.")]
        public static partial void Started(ILogger logger, string instance);

        [LoggerMessage(2101, LogLevel.Error, "The outbox relay was interrupted; it goes on in {Pause}.")]
        public static partial void Interrupted(ILogger logger, Exception exception, TimeSpan pause);

        [LoggerMessage(2102, LogLevel.Error, "Outbox row {Id} can never be sent and is parked: {Reason}.")]
        public static partial void Parked(ILogger logger, long id, string? reason);

        [LoggerMessage(2103, LogLevel.Warning, "The outbox relay cannot send; rows wait and are sent again: {Reason}.")]
        public static partial void SendingFails(ILogger logger, string? reason);

        [LoggerMessage(2104, LogLevel.Information, "The outbox relay can send again.")]
        public static partial void SendingWorks(ILogger logger);

        [LoggerMessage(2105, LogLevel.Warning, "The outbox relay stopped with {Rows} rows under way, which did not come to an end within {Limit}; they may be sent twice.")]
        public static partial void NotDrained(ILogger logger, int rows, TimeSpan limit);

        [LoggerMessage(2106, LogLevel.Warning, "The outbox relay could not give its leases back; they run out by themselves.")]
        public static partial void NotReleased(ILogger logger, Exception exception);

        [LoggerMessage(2107, LogLevel.Warning, "Topic '{Topic}' does not exist. Rows for it are sent again, and parked {Limit} after their first attempt; create it, or correct its name.")]
        public static partial void TopicMissing(ILogger logger, string topic, TimeSpan limit);

        [LoggerMessage(2108, LogLevel.Information, "Another producer has taken over transactional id {Id}, so this instance was away for long. It gives the keys up and asks for its leases; nothing is lost or doubled.")]
        public static partial void Fenced(ILogger logger, string id);

        [LoggerMessage(2109, LogLevel.Warning, "Another producer takes over transactional id {Id} again and again, although this instance has the lease. Does another service, or a copy of the database, have the same prefix? Set a TransactionalIdPrefix of its own. Otherwise transactions take longer than transaction.timeout.ms.")]
        public static partial void FencedAgain(ILogger logger, string id);

        [LoggerMessage(2110, LogLevel.Information, "The database was started anew, so the outbox is read from its first row; what was under way, or sent and not deleted yet, may be sent twice.")]
        public static partial void DatabaseRestarted(ILogger logger);
    }
}
