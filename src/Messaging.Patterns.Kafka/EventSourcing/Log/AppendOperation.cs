using System.Threading.Tasks.Sources;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>An append on its way: what the state machine sees of it, its bytes and its answer.</summary>
internal class AppendOperation : Append, IValueTaskSource<AppendDecision>
{
    private readonly IFrameBytes? _frame;
    private ManualResetValueTaskSourceCore<AppendDecision> _answer = new() { RunContinuationsAsynchronously = true };

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

    /// <summary>Gets the decision, to be awaited once.</summary>
    public ValueTask<AppendDecision> Decision => new(this, _answer.Version);

    protected short Token => _answer.Version;

    /// <summary>Gets or sets when the append's time is up, as a timestamp of the clock; never for a resolution.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    public LinkedListNode<AppendOperation> PendingNode { get; }

    /// <summary>Returns the bytes of one copy of the frame.</summary>
    public byte[] BytesOf(Attempt attempt) => BytesOf(attempt.FirstVersion, attempt.Base);

    /// <summary>Returns the frame's bytes. Built for each use, which as a rule is the one: thousands of frames under way would keep them in memory twice.</summary>
    public byte[] BytesOf(long firstVersion, long @base) => _frame!.Build(firstVersion, @base);

    public void Complete(in AppendDecision decision)
    {
        Decided(decision);
        _answer.SetResult(decision);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _answer.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

    public AppendDecision GetResult(short token) => _answer.GetResult(token);

    /// <summary>Does what the decision means for others than the caller; called under the partition's lock.</summary>
    protected virtual void Decided(in AppendDecision decision)
    {
    }
}
