using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

internal sealed partial class SqliteWriter
{
    private static partial class Log
    {
        [LoggerMessage(1340, LogLevel.Critical, "The read store {Path} cannot be written; the event store stops. The log in Kafka is not affected.")]
        public static partial void Failed(ILogger logger, Exception exception, string path);

        [LoggerMessage(1343, LogLevel.Warning, "The read store {Path} is held by another process; writing it is tried again.")]
        public static partial void Busy(ILogger logger, Exception exception, string path);
    }
}
