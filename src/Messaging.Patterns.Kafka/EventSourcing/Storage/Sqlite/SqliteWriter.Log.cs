using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

internal sealed partial class SqliteWriter
{
    private static partial class Log
    {
        [LoggerMessage(1340, LogLevel.Critical, "The read store {Path} cannot be written; the event store stops. The log in Kafka is not affected.")]
        public static partial void Failed(ILogger logger, Exception exception, string path);

        [LoggerMessage(1346, LogLevel.Error, "That the read store {Path} is damaged could not be written down; if the next start does not find it out, delete the file: it is rebuilt from Kafka.")]
        public static partial void NotMarked(ILogger logger, Exception exception, string path);

        [LoggerMessage(1343, LogLevel.Warning, "The read store {Path} is held by another process; writing it is tried again.")]
        public static partial void Busy(ILogger logger, Exception exception, string path);
    }
}
