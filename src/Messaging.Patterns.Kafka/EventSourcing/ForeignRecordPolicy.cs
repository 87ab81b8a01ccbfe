namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>What an event store does about a record in an event topic that is not one of its frames.</summary>
public enum ForeignRecordPolicy
{
    /// <summary>The store stops and names topic, partition and offset. The default, since somebody writes where nobody else should.</summary>
    Stop,

    /// <summary>The record is passed over, counted and logged with topic, partition and offset. All instances must be set the same.</summary>
    SetAside,
}
