namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What a <see cref="PartitionWriter"/> asks of its shell, in order.</summary>
/// <remarks>Called in the middle of a step: do the work after the step, or at least never call the writer from here.</remarks>
internal interface IWriterEffects
{
    /// <summary>
    /// Hand a copy of the append's frame, with <see cref="Attempt.Header"/>, to the producer, and answer once with <see cref="PartitionWriter.Acknowledged"/>,
    /// <see cref="PartitionWriter.Uncertain"/> or <see cref="PartitionWriter.NotPersisted"/>. Not handing it over at all is "not persisted".
    /// </summary>
    void Produce(Attempt attempt);

    /// <summary>
    /// The fold passed a frame; told in the order of offsets. Accepted frames are to be kept, together with how far the log is folded.
    /// </summary>
    /// <param name="offset">The frame's offset.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="isAccepted">Whether its events belong to the stream.</param>
    /// <param name="own">The copy of ours that was folded from its acknowledgement; <see langword="null"/> for what the tail delivers just now.</param>
    void Folded(long offset, in FrameHeader frame, bool isAccepted, Attempt? own);

    /// <summary>Answer the caller. Final: nothing else is heard of the append.</summary>
    void Complete(Append append, in AppendDecision decision);

    /// <summary>Ask the broker for the partition's end, starting now, and answer with <see cref="PartitionWriter.EndKnown"/>.</summary>
    void QueryEnd(Append append);

    /// <summary>Call <see cref="PartitionWriter.Resend"/> after a pause, unless the append completes before.</summary>
    void RetryLater(Append append);

    /// <summary>Call <see cref="PartitionWriter.YieldOver"/> after the pause that the yield names.</summary>
    void Yield(StreamYield yield);

    /// <summary>The partition has stopped; all inputs are ignored from now on. Appends are completed before this is called.</summary>
    void Stop(ProtocolFault fault);
}
