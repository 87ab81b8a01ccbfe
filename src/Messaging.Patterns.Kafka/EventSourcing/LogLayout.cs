namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>How a writer puts an append into a record of an event topic. Every reader reads every layout, also mixed in one topic.</summary>
public enum LogLayout
{
    /// <summary>CloudEvents in JSON: readable with any Kafka console, and by programs that do not use this library.</summary>
    CloudEvents,

    /// <summary>A fixed binary envelope in front of the payloads: smaller and faster to write, fold and read.</summary>
    Binary,
}
