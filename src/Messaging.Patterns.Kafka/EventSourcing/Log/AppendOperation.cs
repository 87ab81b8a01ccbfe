using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>An append on its way: what the state machine sees of it, its bytes and its caller.</summary>
internal sealed class AppendOperation : Append
{
    private readonly TaskCompletionSource<AppendDecision> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IFrameBytes? _frame;
    private BuiltFrame? _built;

    public AppendOperation(StreamKey stream, byte[] key, AppendId id, ExpectedVersion expected, PreparedFrame frame)
        : base(stream, id, expected, frame.Count)
    {
        RecordKey = key;
        _frame = frame;
        PendingNode = new(this);
    }

    public AppendOperation(StreamKey stream, byte[] key, PendingAppend pending, long pendingBase)
        : base(new AppendKey(stream, pending.Id), pending.FirstVersion, pending.Count, pendingBase)
    {
        RecordKey = key;
        _frame = pending.Frame.IsEmpty ? null : PendingFrame.Parse(stream, pending);
        HasFrame = _frame is not null;
        PendingNode = new(this);
    }

    /// <summary>Gets the record's key: the stream id in UTF-8.</summary>
    public byte[] RecordKey { get; }

    /// <summary>Gets the decision, once there is one.</summary>
    public Task<AppendDecision> Decision => _completion.Task;

    /// <summary>Gets or sets when the append's time is up, as a timestamp of the clock; never for a resolution.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    public LinkedListNode<AppendOperation> PendingNode { get; }

    /// <summary>Returns the bytes of one copy of the frame.</summary>
    public byte[] BytesOf(Attempt attempt) => BytesOf(attempt.FirstVersion, attempt.Base);

    /// <summary>Returns the frame's bytes, kept for the version and base asked for last: usually there is only one pair.</summary>
    public byte[] BytesOf(long firstVersion, long @base)
    {
        if (_built is { } built && built.FirstVersion == firstVersion && built.Base == @base)
        {
            return built.Bytes;
        }

        var bytes = _frame!.Build(firstVersion, @base);
        _built = new(firstVersion, @base, bytes);
        return bytes;
    }

    public void Complete(in AppendDecision decision) => _completion.TrySetResult(decision);

    // One reference, since sender, tail and reports look at it from threads of their own.
    private sealed record BuiltFrame(long FirstVersion, long Base, byte[] Bytes);
}
