using System.Text;
using System.Threading.Tasks.Sources;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>An append on its way: what the state machine sees of it, its bytes and its answer.</summary>
internal class AppendOperation : Append, IValueTaskSource<AppendDecision>
{
    private IFrameBytes? _frame;
    private int _copies;
    private ManualResetValueTaskSourceCore<AppendDecision> _answer = new() { RunContinuationsAsynchronously = true };

    public AppendOperation(StreamKey stream, StreamId name, AppendId id, ExpectedVersion expected, IFrameBytes frame)
        : base(stream, id, expected, frame.Count)
    {
        Name = name;
        _frame = frame;
    }

    public AppendOperation(StreamKey stream, PendingAppend pending, long pendingBase)
        : base(new AppendKey(stream, pending.Id), pending.FirstVersion, pending.Count, pendingBase)
    {
        Name = pending.Stream;
        _frame = pending.Frame.IsEmpty ? null : PendingFrame.Parse(stream, pending);
        HasFrame = _frame is not null;
    }

    /// <summary>Gets the stream's id.</summary>
    public StreamId Name { get; }

    /// <summary>Gets the record's key: the stream id in UTF-8. Made for each use, which as a rule is the one.</summary>
    public byte[] RecordKey => Encoding.UTF8.GetBytes(Name.ToString());

    /// <summary>Gets the decision, to be awaited once.</summary>
    public ValueTask<AppendDecision> Decision => new(this, _answer.Version);

    protected short Token => _answer.Version;

    /// <summary>Gets or sets when the append's time is up, as a timestamp of the clock; never for a resolution.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    /// <summary>Gets or sets the neighbour in <see cref="PendingAppends"/>.</summary>
    public AppendOperation? PendingBefore { get; set; }

    /// <summary>Gets or sets the neighbour in <see cref="PendingAppends"/>.</summary>
    public AppendOperation? PendingAfter { get; set; }

    /// <summary>Returns the bytes of one copy of the frame; <see langword="null"/> once the append is accepted.</summary>
    public byte[]? BytesOf(Attempt attempt) => BytesOf(attempt.FirstVersion, attempt.Base);

    /// <summary>Returns the frame's bytes. Built for each use, which as a rule is the one: thousands of frames under way would keep them in memory twice.</summary>
    public byte[]? BytesOf(long firstVersion, long @base) => _frame?.Build(firstVersion, @base);

    /// <summary>Returns the record of a copy that was folded. Called before the append is answered.</summary>
    public FoldedRecord RecordOf(Attempt attempt, long offset, in FrameHeader header)
    {
        var value = _frame!.Build(attempt.FirstVersion, attempt.Base, out var owner);
        return new FoldedRecord(offset, header, true, RecordKey, value) { Owner = owner };
    }

    /// <summary>A copy is to be sent: its bytes are built outside of the partition's lock, at any time before it is reported.</summary>
    public void CopyBegins() => _copies++;

    /// <summary>A copy was reported.</summary>
    public void CopyReported() => _copies--;

    /// <summary>Answers the caller. Like the two above, called under the partition's lock.</summary>
    public void Complete(in AppendDecision decision)
    {
        if (decision.Kind == DecisionKind.Accepted)
        {
            // Nothing is sent any more, and the caller may take its time to look at the answer.
            if (_copies == 0)
            {
                _frame?.Release();
            }

            _frame = null;
        }

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
