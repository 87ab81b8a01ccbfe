namespace Messaging.Patterns.EventSourcing;

/// <summary>The events of one append exceed what the store takes in one record. Final: nothing was written.</summary>
/// <param name="stream">The stream.</param>
/// <param name="size">The size of the record, in bytes.</param>
/// <param name="limit">The most bytes that the store takes.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class AppendTooLargeException(StreamId stream, long size, long limit, Exception? inner = null)
    : MessagingException(
        $"Cannot append to stream '{stream}': the events take {size} bytes as one record, and at most {limit} are allowed. "
        + "Append fewer or smaller events at a time, or raise the limit of topic, broker and producer (max.message.bytes, message.max.bytes).",
        inner)
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets the size of the record, in bytes.</summary>
    public long Size { get; } = size;

    /// <summary>Gets the most bytes that the store takes.</summary>
    public long Limit { get; } = limit;
}
