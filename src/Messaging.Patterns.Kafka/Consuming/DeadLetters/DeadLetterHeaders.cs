namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Which further headers dead letters get, beside the library's own, for tools that know other names.</summary>
[Flags]
public enum DeadLetterHeaders
{
    /// <summary>None but the library's own. This is the default.</summary>
    Own = 0,

    /// <summary>Those of Spring Kafka, <c>kafka_dlt-...</c>.</summary>
    Spring = 1,

    /// <summary>Those of Kafka Connect, <c>__connect.errors...</c>.</summary>
    Connect = 2,
}
