using System.Threading.Tasks.Sources;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>An append as its caller awaits it.</summary>
/// <remarks>
/// It is what the caller awaits itself: with an async method instead, its state machine, a task for the decision and a step on the thread pool between the
/// two took a third of an append's CPU. What an error means is found out on the caller's thread.
/// </remarks>
internal sealed class AppendCall(StreamKey key, AppendId id, IFrameBytes frame, in AppendRequest request)
    : AppendOperation(key, request.Stream, id, request.Expected, frame), IValueTaskSource<AppendResult>
{
    private readonly long _started = request.Started;
    private CancellationTokenRegistration _cancellation;

    /// <summary>Gets about how many bytes the record has.</summary>
    public int Size { get; } = frame.Size;

    public TimeSpan Timeout { get; } = request.Timeout;

    public CancellationToken CancellationToken { get; } = request.CancellationToken;

    public required KafkaEventWriter Writer { get; init; }

    public required LogPartition Partition { get; init; }

    /// <summary>Submits the append and returns what the caller awaits.</summary>
    public ValueTask<AppendResult> RunAsync()
    {
        if (CancellationToken.CanBeCanceled)
        {
            _cancellation = CancellationToken.UnsafeRegister(static call => ((AppendCall)call!).Cancel(), this);
        }

        Partition.Submit(this);

        if (CancellationToken.IsCancellationRequested)
        {
            // Perhaps it was cancelled before it was submitted, when the partition did not know it.
            Cancel();
        }

        return new(this, Token);
    }

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token)
    {
        var decision = GetResult(token);
        return decision.Kind == DecisionKind.Accepted
            ? new AppendResult(decision.Version, Partition.PositionAt(decision.Offset + 1))
            : throw Writer.Explain(this, decision);
    }

    // Under the partition's lock, for which a cancellation may be waiting: so the registration is not waited for.
    protected override void Decided(in AppendDecision decision)
    {
        _cancellation.Unregister();
        Writer.Decided(this, _started, decision.Kind);
    }

    private void Cancel() => Partition.Cancel(this);
}
