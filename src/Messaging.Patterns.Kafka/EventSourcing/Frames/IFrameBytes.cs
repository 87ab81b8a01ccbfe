namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The bytes of an append's frame, but for version and base.</summary>
internal interface IFrameBytes
{
    /// <summary>Gets about how many bytes the record's value has.</summary>
    int Size { get; }

    /// <summary>Gets the number of events.</summary>
    int Count { get; }

    /// <summary>Returns the record's value; the same arguments always give the same bytes.</summary>
    byte[] Build(long firstVersion, long @base);

    /// <summary>Returns the same bytes, as a rule in an array that is used again, which then is the caller's to give back to <paramref name="owner"/>.</summary>
    ArraySegment<byte> Build(long firstVersion, long @base, out FrameBodies? owner)
    {
        owner = null;
        return Build(firstVersion, @base);
    }

    /// <summary>The bytes are not needed any more, and nobody is building from them: what holds them may be used for another frame.</summary>
    void Release()
    {
    }
}
