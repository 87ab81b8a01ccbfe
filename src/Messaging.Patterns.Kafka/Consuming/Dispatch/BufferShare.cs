namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>What a partition holds of the member's buffer.</summary>
internal sealed class BufferShare
{
    /// <summary>Gets or sets how many records it holds.</summary>
    public int Records { get; set; }

    /// <summary>Gets or sets how many bytes they take.</summary>
    public long Bytes { get; set; }
}
