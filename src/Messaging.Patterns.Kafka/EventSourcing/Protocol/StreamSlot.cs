namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What is going on at one stream; kept only while something is.</summary>
internal sealed class StreamSlot
{
    private Attempt? _outstanding;

    /// <summary>Gets or sets the append in flight: at most one per stream.</summary>
    public Append? Current { get; set; }

    /// <summary>Gets the appends in line behind it.</summary>
    public AppendList Queue { get; } = new();

    /// <summary>Gets the appends that expect more of the stream than is folded.</summary>
    public AppendList Waiting { get; } = new();

    /// <summary>Gets or sets the pause in which the stream is left to somebody else; <see langword="null"/> if there is none.</summary>
    public StreamYield? Yield { get; set; }

    public bool IsIdle => Current is null && _outstanding is null && Queue.IsEmpty && Waiting.IsEmpty;

    /// <summary>Adds a copy that is out. It stays until it is reported, also when its append was answered long before.</summary>
    public void Add(Attempt attempt) => (attempt.Next, _outstanding) = (_outstanding, attempt);

    /// <summary>Removes a copy that was reported.</summary>
    public void Remove(Attempt attempt)
    {
        if (_outstanding == attempt)
        {
            _outstanding = attempt.Next;
            return;
        }

        for (var other = _outstanding; other is not null; other = other.Next)
        {
            if (other.Next == attempt)
            {
                other.Next = attempt.Next;
                return;
            }
        }
    }

    /// <summary>Takes all copies that are out.</summary>
    public Attempt? TakeOutstanding()
    {
        var first = _outstanding;
        _outstanding = null;
        return first;
    }

    /// <summary>Tells the copies that are out that the log holds this frame, and returns whether one of them is like it.</summary>
    public bool MarkSeen(in FrameHeader frame, long offset)
    {
        var isOurs = false;

        for (var attempt = _outstanding; attempt is not null; attempt = attempt.Next)
        {
            if (attempt.Header == frame)
            {
                attempt.SeenAt(offset);
                isOurs = true;
            }
        }

        return isOurs;
    }
}
