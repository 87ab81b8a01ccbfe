using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>
/// The read store of this process has not written what it was given, so an append was held back until its time was up. Nothing was written; it may be tried again.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="records">How many records the read store has yet to write.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class ReadStoreBehindException(StreamId stream, int records, Exception? inner = null)
    : MessagingException($"Cannot append to stream '{stream}': the read store of this process has {records} records to write and holds appends back. Nothing was written. Look for what slows its file down, such as another process that holds it or a slow disk.", inner)
{
    /// <summary>Gets the stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets how many records the read store had yet to write.</summary>
    public int Records { get; } = records;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
