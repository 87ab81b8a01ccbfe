namespace Messaging.Patterns.Consuming;

/// <summary>Which events a consumer group handles one after another, in the order of the log.</summary>
public enum ProcessingOrder
{
    /// <summary>Events of a key, which for streams are those of a stream; different keys do not wait for each other. Records of a partition without a key follow each other too. The default.</summary>
    PerKey,

    /// <summary>Events of a partition. Everything before an event that is being handled is handled.</summary>
    PerPartition,

    /// <summary>None: every event is handled as soon as a handler is free.</summary>
    Unordered,
}
