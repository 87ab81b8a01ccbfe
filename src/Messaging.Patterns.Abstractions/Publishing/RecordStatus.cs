namespace Messaging.Patterns.Publishing;

/// <summary>What became of a record.</summary>
public enum RecordStatus
{
    /// <summary>It is stored, as durably as its topic says.</summary>
    Acknowledged,

    /// <summary>It is not stored, and sending it again may succeed: no broker answered, or one was not ready.</summary>
    Failed,

    /// <summary>It is not stored, and will not be however often it is sent: it is too large, or the brokers do not take it.</summary>
    Refused,

    /// <summary>It may be stored: the answer was lost. Sent again, it may be there twice.</summary>
    Unknown,

    /// <summary>It is not stored: its topic does not exist. Sending it again succeeds once that is created.</summary>
    NoTopic,
}
