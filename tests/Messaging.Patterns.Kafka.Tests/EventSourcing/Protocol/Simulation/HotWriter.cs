using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A writer of a <see cref="HotStream"/> and its callers.</summary>
internal sealed class HotWriter : IWriterEffects
{
    private readonly HotStream _hot;
    private readonly int _number;
    private readonly int _callers;
    private readonly PartitionWriter _writer;
    private int _appends;
    private int _next;

    public HotWriter(HotStream hot, int number, long way, int callers)
    {
        (_hot, _number, Way, _callers) = (hot, number, way, callers);
        _writer = new PartitionWriter(new PartitionFold(PartitionSimulation.Partitions), this);
        _writer.StartTail();
    }

    public long Way { get; }

    /// <summary>Gets how many of its appends were accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Gets how many records of the log lay between an accepted append and the one before at most.</summary>
    public long LongestGap { get; private set; }

    /// <summary>Gets how often it was asked to let somebody else go first.</summary>
    public int Yields { get; private set; }

    public void Start()
    {
        for (var i = 0; i < _callers; i++)
        {
            Call();
        }
    }

    /// <summary>Brings everything that the log has by now.</summary>
    public void Fetch()
    {
        while (_next < _hot.Log.Count)
        {
            var offset = _next++;

            if (_writer.ExpectedAt(offset) is { } own && own == _hot.Log[offset])
            {
                _writer.TailConfirms();
            }
            else
            {
                _writer.TailRecord(offset, _hot.Log[offset]);
            }
        }
    }

    void IWriterEffects.Produce(Attempt attempt) => _hot.AfterWay(Way, () =>
    {
        var offset = _hot.Land(attempt.Header);
        _hot.AfterWay(Way, () => _writer.Acknowledged(attempt, offset));
    });

    void IWriterEffects.Complete(Append append, in AppendDecision decision)
    {
        Assert.Equal(DecisionKind.Accepted, decision.Kind);
        Accepted++;
        LongestGap = Math.Max(LongestGap, decision.Offset - LastOffset);
        LastOffset = decision.Offset;
        _hot.After(1, Call);
    }

    void IWriterEffects.Yield(StreamYield yield)
    {
        Yields++;
        _hot.After(_hot.IsYielding ? (long)yield.Pause.TotalMicroseconds : 0, () => _writer.YieldOver(yield));
    }

    void IWriterEffects.Folded(long offset, in FrameHeader frame, bool isAccepted, Attempt? own)
    {
    }

    void IWriterEffects.QueryEnd(Append append) => throw new NotSupportedException("Nothing is expected of the stream.");

    void IWriterEffects.RetryLater(Append append) => throw new NotSupportedException("Nothing is lost.");

    void IWriterEffects.Stop(ProtocolFault fault) => Assert.Fail(fault.Text);

    private long LastOffset { get; set; } = -1;

    private void Call() =>
        _writer.Submit(new Append(HotStream.Stream, new AppendId(new Guid(_number + 1, 0, 0, BitConverter.GetBytes((long)++_appends))), ExpectedVersion.Any, 1));
}
