using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

internal sealed partial class LogPartition
{
    private static partial class Log
    {
        [LoggerMessage(1310, LogLevel.Critical, "The event store has stopped at topic {Topic}, partition {Partition} ({Reason}): {Text}.")]
        public static partial void Stopped(ILogger logger, string topic, int partition, FaultReason reason, string text);

        [LoggerMessage(1311, LogLevel.Error, "A record that is no frame was set aside at topic {Topic}, partition {Partition}, offset {Offset}: {Reason}.")]
        public static partial void SetAside(ILogger logger, string topic, int partition, long offset, string reason);
    }
}
