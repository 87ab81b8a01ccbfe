using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>One copy of an append's frame that was handed to the producer. The producer's report names it.</summary>
internal sealed class Attempt(Append append, int partitions)
{
    // Where the tail saw this very frame before its acknowledgement; a second place only if the network repeated the request.
    private long _seen = -1;
    private List<long>? _seenToo;

    public Append Append { get; } = append;

    /// <summary>Gets the first version; the append's own may have moved on since.</summary>
    public long FirstVersion { get; } = append.FirstVersion;

    public long Base { get; } = append.Base;

    public FrameHeader Header => new(Append.Stream, Append.Id, FirstVersion, Append.Count, Base, partitions);

    public AttemptState State { get; internal set; }

    /// <summary>Gets or sets the next copy of the stream that is not reported yet.</summary>
    internal Attempt? Next { get; set; }

    /// <summary>Remembers that the log holds a frame like this at an offset.</summary>
    internal void SeenAt(long offset)
    {
        if (_seen < 0)
        {
            _seen = offset;
        }
        else
        {
            (_seenToo ??= []).Add(offset);
        }
    }

    internal bool WasSeenAt(long offset) => _seen == offset || (_seenToo?.Contains(offset) ?? false);
}
