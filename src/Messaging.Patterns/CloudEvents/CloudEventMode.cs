namespace Messaging.Patterns.CloudEvents;

/// <summary>How an event is laid into a record, by the Kafka binding of CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).</summary>
public enum CloudEventMode
{
    /// <summary>Attributes and data are one JSON object, the record's value. The default: it looks the same in every topic, can be read on any console, and costs one header.</summary>
    Structured,

    /// <summary>The value is the bare data, and the attributes are headers <c>ce_...</c>: for Avro and Protobuf, and for receivers that want the data alone.</summary>
    Binary,
}
