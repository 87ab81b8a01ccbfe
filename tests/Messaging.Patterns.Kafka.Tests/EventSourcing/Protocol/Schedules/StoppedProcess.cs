using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Schedules;

/// <summary>A process whose steps are taken one at a time, another one beside it, and the log that both share.</summary>
internal sealed class StoppedProcess
{
    private static readonly StreamKey BarrierKey = new(UInt128.MaxValue);
    private readonly List<FrameHeader> _log = [];
    private readonly List<Attempt> _handedOver = [];
    private readonly List<(Append Append, WriterHarness At)> _calls = [];
    private readonly WriterHarness _other = new();
    private WriterHarness _process = new();
    private PartitionCheckpoint _checkpoint = new(0, null, [], []);
    private Attempt? _attempt;
    private FrameHeader? _barrier;
    private long _offset = -1;
    private int _sent;
    private int _tail;
    private int _otherTail;
    private int _others;
    private int _id = 1;
    private bool _isResting;

    /// <summary>Gets the offset that a linearizable read waits for; <see langword="null"/> if there is none.</summary>
    public long? ReadFrom { get; private set; }

    private Append? Call => _calls.Count > 0 ? _calls[^1].Append : null;

    private DecisionKind? Answer => _calls.Count > 0 && _calls[^1] is var (append, at) && at.IsDecided(append) ? at.KindOf(append) : null;

    // Steps of the process.

    /// <summary>The append comes in; it chooses its version, or waits.</summary>
    public void Submit() => Submit(new Append(WriterHarness.Account, WriterHarness.Id(_id), ExpectedVersion.Any, 1));

    /// <summary>The next copy goes to the producer.</summary>
    public void HandOver()
    {
        if (_sent < _process.Produced.Count)
        {
            _attempt = _process.Produced[_sent++];
            _handedOver.Add(_attempt);
        }
    }

    /// <summary>The broker writes the copy.</summary>
    public void Write()
    {
        if (_attempt is not null)
        {
            _offset = Land(_attempt.Header);
        }
    }

    public void Acknowledge()
    {
        if (_attempt is { State: AttemptState.Sent } && _offset >= 0)
        {
            _process.Writer.Acknowledged(_attempt, _offset);
        }
    }

    public void ReportUncertain() => _process.Writer.Uncertain(_attempt!);

    public void Resend() => _process.Writer.Resend(Call!);

    public void TimeIsUp() => _process.Writer.Deadline(Call!);

    public void Resolve()
    {
        if (Answer == DecisionKind.Unknown)
        {
            var unknown = _calls[^1].At.DecisionOf(Call!);
            Submit(new Append(Call!.Key, unknown.FirstVersion, 1, unknown.Base));
        }
    }

    public void ReplaceProducer() => _process.Writer.ProducerReplaced();

    public void Rest()
    {
        if (!_process.Writer.HasParked)
        {
            _process.Writer.RestTail();
            _isResting = true;
        }
    }

    public void Wake()
    {
        if (_isResting)
        {
            _isResting = false;
            _tail = (int)_process.Writer.StartTail();
        }
    }

    /// <summary>The tail brings everything that is in the log.</summary>
    public void Follow()
    {
        while (!_isResting && _tail < _log.Count)
        {
            _process.Writer.TailRecord(_tail, _log[_tail]);
            _tail++;
        }
    }

    public void Save() => _checkpoint = PartitionCheckpoint.Of(_process.Fold);

    public void PauseOver() => _process.Yields.ForEach(_process.Writer.YieldOver);

    public void BeginBarrier() => _barrier = _process.Writer.BeginBarrier(BarrierKey, WriterHarness.Id(-1));

    public void WriteBarrier() => _offset = _barrier is { } barrier ? Land(barrier) : _offset;

    public void AcknowledgeBarrier()
    {
        if (_barrier is { } barrier)
        {
            _process.Writer.BarrierAcknowledged(_offset, barrier);
            ReadFrom = _offset + 1;
        }
    }

    // Steps of others.

    public void OthersAppend() => OthersAppendTo(WriterHarness.Account);

    public void OthersAppendElsewhere() => OthersAppendTo(new StreamKey(2));

    /// <summary>Somebody else loses the race for the version that the stream has.</summary>
    public void OthersLose()
    {
        FollowOther();
        Land(WriterHarness.Frame(77, Math.Max(1, _other.Fold.Versions[WriterHarness.Account]), @base: _log.Count - 1));
    }

    /// <summary>Stops the process here and lets time pass; afterwards it, or the one in its place, is there again.</summary>
    public void Stop(Stop how)
    {
        if (how is Schedules.Stop.PauseWhileOthersAppend or Schedules.Stop.CrashAndRestore)
        {
            OthersAppend();
        }

        if (how is Schedules.Stop.Crash or Schedules.Stop.CrashAndRestore)
        {
            Restart(how == Schedules.Stop.CrashAndRestore);
        }
    }

    /// <summary>Lets everything come to its end: the caller repeats what got no answer and resolves what is unknown, and every copy that was handed over lands once more.</summary>
    public void Finish()
    {
        Wake();
        Settle();
        Resolve();
        Settle();

        if (Answer is DecisionKind.Conflict or DecisionKind.NotWritten)
        {
            // Surely not in the stream: the caller may append anew.
            _id++;
            Submit();
            Settle();
        }

        // Nothing is too late: a network may repeat whatever it was given.
        foreach (var late in _handedOver)
        {
            Land(late.Header);
        }

        Settle();
        FollowOther();
    }

    /// <summary>Checks the invariants against the log.</summary>
    public void Check()
    {
        var versions = new Dictionary<StreamKey, long>();
        var accepted = new Dictionary<AppendKey, (long Version, long Offset)>();

        foreach (var (offset, frame) in _log.Index())
        {
            if (!frame.IsBarrier && frame.FirstVersion == versions.GetValueOrDefault(frame.Stream) + 1)
            {
                versions[frame.Stream] = frame.LastVersion;
                Assert.True(accepted.TryAdd(new AppendKey(frame.Stream, frame.AppendId), (frame.LastVersion, offset)), $"{frame} is accepted twice.");
            }
        }

        Assert.All([_process, _other], harness => Assert.Null(harness.Fault));
        Assert.All([_process, _other], harness => Assert.Equal(versions.OrderBy(entry => entry.Key.Value), harness.Fold.Versions.Streams.OrderBy(entry => entry.Key.Value)));
        Assert.All(_process.Fold.Window.Appends, append => Assert.Equal((append.LastVersion, append.Offset), accepted[new AppendKey(append.Stream, append.Id)]));

        foreach (var (append, at) in _calls.Where(call => call.At.IsDecided(call.Append)))
        {
            var decision = at.DecisionOf(append);
            var isAccepted = accepted.TryGetValue(append.Key, out var found);

            if (decision.Kind == DecisionKind.Accepted)
            {
                Assert.Equal((found.Version, found.Offset), (decision.Version, decision.Offset));
            }

            Assert.True(decision.Kind is DecisionKind.Accepted or DecisionKind.Unknown || !isAccepted, $"{append.Id} was answered '{decision.Kind}', but is accepted.");
        }

        // With a repeat after every crash and time without end, the append gets there.
        Assert.True(Call is null || accepted.ContainsKey(Call.Key), "The append is not in the stream.");
        Assert.True(Call is null || Answer == DecisionKind.Accepted, "The caller does not know it.");
        Assert.True(ReadFrom is null || ReadFrom <= _process.Writer.Position, "The read still waits.");
    }

    private void Submit(Append append)
    {
        _calls.Add((append, _process));
        _process.Writer.Submit(append);
    }

    private void Restart(bool isRestored)
    {
        var fold = new PartitionFold(WriterHarness.Partitions);

        if (isRestored)
        {
            _checkpoint.RestoreTo(fold);
        }

        var isUnanswered = Call is not null && Answer is null;
        (_process, _sent, _isResting) = (new WriterHarness(fold), 0, false);
        (_attempt, _barrier, ReadFrom) = (null, null, null);
        _tail = (int)_process.Writer.StartTail();
        Follow();

        // The caller repeats what it got no answer to, with the same append id.
        if (isUnanswered)
        {
            Submit();
        }
    }

    private void Settle()
    {
        for (var rounds = 0; rounds < 20; rounds++)
        {
            Follow();
            PauseOver();
            _process.Retries.ForEach(_process.Writer.Resend);
            _process.EndQueries.ForEach(append => _process.Writer.EndKnown(append, _log.Count));

            while (_sent < _process.Produced.Count)
            {
                HandOver();
                Write();
                Acknowledge();
            }
        }

        Follow();
    }

    private long Land(in FrameHeader frame)
    {
        _log.Add(frame);
        return _log.Count - 1;
    }

    private void OthersAppendTo(StreamKey stream)
    {
        FollowOther();
        var append = new Append(stream, WriterHarness.Id(1_000 + _others++), ExpectedVersion.Any, 1);
        _other.Writer.Submit(append);
        _other.Writer.Acknowledged(_other.LastProduced, Land(_other.LastProduced.Header));
        FollowOther();
    }

    private void FollowOther()
    {
        while (_otherTail < _log.Count)
        {
            _other.Writer.TailRecord(_otherTail, _log[_otherTail]);
            _otherTail++;
        }
    }
}
