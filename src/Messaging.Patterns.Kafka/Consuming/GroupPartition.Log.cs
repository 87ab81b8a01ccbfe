using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

internal sealed partial class GroupPartition
{
    private static partial class Log
    {
        [LoggerMessage(1410, LogLevel.Error, "Consumer group {Group} has stopped topic {Topic}, partition {Partition}: offset {Offset} was not handled. Nothing after it is handled or committed until the group is started again.")]
        public static partial void Stopped(ILogger logger, Exception exception, string group, string topic, int partition, long offset);

        [LoggerMessage(1411, LogLevel.Error, "Consumer group {Group} has stopped topic {Topic}, partition {Partition}: {Reason}.")]
        public static partial void Unreadable(ILogger logger, Exception exception, string group, string topic, int partition, string reason);

        [LoggerMessage(1451, LogLevel.Warning, "Consumer group {Group} could not handle topic {Topic}, partition {Partition}, offset {Offset}, attempt {Attempt}. Later events of its key wait for it.")]
        public static partial void Failed(ILogger logger, Exception exception, string group, string topic, int partition, long offset, int attempt);

        [LoggerMessage(1452, LogLevel.Error, "Consumer group {Group} could not set aside topic {Topic}, partition {Partition}, offset {Offset}. The event is not lost; its key waits, or its partition stops.")]
        public static partial void NotSetAside(ILogger logger, Exception exception, string group, string topic, int partition, long offset);

        [LoggerMessage(1412, LogLevel.Warning, "Consumer group {Group} cancelled its handler at topic {Topic}, partition {Partition}, offset {Offset}, since the partition leaves. The event will come again.")]
        public static partial void Cancelled(ILogger logger, Exception exception, string group, string topic, int partition, long offset);

        [LoggerMessage(1413, LogLevel.Error, "A handler of consumer group {Group} goes on although its token is cancelled, at topic {Topic}, partition {Partition}; the partition leaves without it, and the event will come again.")]
        public static partial void HandlerIgnoresCancellation(ILogger logger, string group, string topic, int partition);

        [LoggerMessage(1414, LogLevel.Warning, "Consumer group {Group} was done with topic {Topic}, partition {Partition}, offset {Offset} only after the partition had left; the event will come again.")]
        public static partial void CompletedLate(ILogger logger, string group, string topic, int partition, long offset);
    }
}
