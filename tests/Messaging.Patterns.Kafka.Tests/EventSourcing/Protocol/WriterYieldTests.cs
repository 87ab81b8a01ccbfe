using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class WriterYieldTests
{
    private const int Rival = 77;
    private readonly WriterHarness _harness = new();
    private int _next;

    [Fact]
    public void Two_losses_of_somebody_else_delay_nothing()
    {
        RivalLoses(2);

        _harness.Submit(100);

        Assert.Empty(_harness.Yields);
        Assert.Equal(WriterHarness.Id(100), _harness.LastProduced.Append.Id);
    }

    [Fact]
    public void Who_lost_three_times_goes_first_and_the_line_goes_on_after_the_pause()
    {
        RivalLoses(3);
        var sent = _harness.Produced.Count;
        _harness.Submit(100);
        _harness.Submit(101);
        Assert.Equal(TimeSpan.FromMilliseconds(8), Assert.Single(_harness.Yields).Pause);
        Assert.Equal(sent, _harness.Produced.Count);

        _harness.Writer.YieldOver(_harness.Yields[0]);

        Assert.Equal(WriterHarness.Id(100), _harness.LastProduced.Append.Id);
        Assert.Equal(sent + 1, _harness.Produced.Count);
    }

    [Fact]
    public void The_pause_doubles_with_each_loss_up_to_a_quarter_of_a_second()
    {
        RivalLoses(10);
        _harness.Submit(100);

        Assert.Equal([8, 16, 32, 64, 128, 256, 256, 256], _harness.Yields.Select(yield => yield.Pause.TotalMilliseconds));
    }

    [Fact]
    public void A_loss_is_answered_by_one_pause()
    {
        RivalLoses(3);
        _harness.Submit(100);
        _harness.Writer.YieldOver(_harness.Yields[0]);
        Acknowledge();

        _harness.Submit(101);

        Assert.Single(_harness.Yields);
        Assert.Equal(WriterHarness.Id(101), _harness.LastProduced.Append.Id);
    }

    [Fact]
    public void The_pause_ends_when_the_other_is_accepted_and_not_when_anybody_is()
    {
        RivalLoses(3);
        var sent = _harness.Produced.Count;
        _harness.Submit(100);

        _harness.OthersAppend(1);
        Assert.Equal(sent, _harness.Produced.Count);
        Deliver(WriterHarness.Frame(Rival, Version + 1, @base: _harness.Writer.Position));

        Assert.Equal(sent + 1, _harness.Produced.Count);
        Assert.Equal(Version + 1, _harness.LastProduced.FirstVersion);
    }

    [Fact]
    public void After_the_other_was_accepted_nobody_waits_for_it()
    {
        RivalLoses(3);
        Deliver(WriterHarness.Frame(Rival, Version + 1, @base: _harness.Writer.Position));

        _harness.Submit(100);

        Assert.Empty(_harness.Yields);
    }

    [Fact]
    public void A_pause_that_ends_late_does_not_end_the_next_one()
    {
        RivalLoses(3);
        _harness.Submit(100);
        _harness.Writer.YieldOver(_harness.Yields[0]);
        Acknowledge();
        RivalLoses(1);
        var sent = _harness.Produced.Count;
        _harness.Submit(101);
        Assert.Equal(2, _harness.Yields.Count);

        _harness.Writer.YieldOver(_harness.Yields[0]);

        Assert.Equal(sent, _harness.Produced.Count);
    }

    [Fact]
    public void Frames_sent_before_the_last_loss_could_be_known_are_no_further_losses()
    {
        _harness.OthersAppend(5);

        for (var version = 1; version <= 5; version++)
        {
            Deliver(WriterHarness.Frame(Rival, version, @base: version - 1));
        }

        _harness.Submit(100);

        Assert.Empty(_harness.Yields);
    }

    [Fact]
    public void Late_copies_of_an_accepted_append_are_no_losses()
    {
        _harness.OthersAppend(1);
        var copy = WriterHarness.Frame(Rival, 2, @base: 1);

        for (var i = 0; i < 5; i++)
        {
            Deliver(copy);
        }

        _harness.Submit(100);

        Assert.Empty(_harness.Yields);
    }

    [Fact]
    public void Who_lost_as_often_does_not_wait()
    {
        var ours = _harness.Submit(100);

        // Both lose to third parties.
        for (var i = 0; i < 4; i++)
        {
            _harness.OthersAppend(1);
            Deliver(WriterHarness.Frame(Rival, Version, @base: _harness.Writer.Position - 1));
        }

        Assert.Equal(AppendState.InFlight, ours.State);
        Assert.Empty(_harness.Yields);
        Assert.Equal(Version + 1, _harness.LastProduced.FirstVersion);
    }

    [Fact]
    public void An_append_lets_others_go_first_a_bounded_number_of_times()
    {
        RivalLoses(20);
        var append = _harness.Submit(100);

        var before = _harness.Yields.Count - 1;

        while (append.State == AppendState.Queued && _harness.Yields.Count < 100)
        {
            // It goes on losing, to somebody who does not wait for it.
            _harness.OthersAppend(1);
            Deliver(WriterHarness.Frame(Rival, Version, @base: _harness.Writer.Position - 1));
            _harness.Writer.YieldOver(_harness.Yields[^1]);
        }

        Assert.Equal(AppendState.InFlight, append.State);
        Assert.Equal(Rivals.MostLosses, _harness.Yields.Count - before);
    }

    [Fact]
    public void An_append_whose_time_is_up_while_it_waits_was_not_written()
    {
        RivalLoses(3);
        var first = _harness.Submit(100);
        var second = _harness.Submit(101);

        _harness.Writer.Deadline(first);
        _harness.Writer.Cancel(second);
        _harness.Writer.YieldOver(_harness.Yields[0]);

        Assert.Equal(DecisionKind.NotWritten, _harness.KindOf(first));
        Assert.Equal(DecisionKind.Cancelled, _harness.KindOf(second));
        Assert.Equal(AppendState.InFlight, _harness.Submit(102).State);
    }

    [Fact]
    public void An_expectation_that_the_other_takes_away_is_a_conflict_and_nothing_is_written()
    {
        RivalLoses(3);
        var sent = _harness.Produced.Count;
        var append = _harness.Submit(100, ExpectedVersion.Exactly(Version));

        Deliver(WriterHarness.Frame(Rival, Version + 1, @base: _harness.Writer.Position));

        Assert.Equal(DecisionKind.Conflict, _harness.KindOf(append));
        Assert.Equal(sent, _harness.Produced.Count);
    }

    [Fact]
    public void A_stop_answers_those_who_wait()
    {
        RivalLoses(3);
        var append = _harness.Submit(100);

        _harness.Writer.Stop(new ProtocolFault(FaultReason.External, "test"));
        _harness.Writer.YieldOver(_harness.Yields[0]);

        Assert.Equal(DecisionKind.Stopped, _harness.KindOf(append));
    }

    [Fact]
    public void A_repeat_of_an_append_that_waits_joins_it()
    {
        RivalLoses(3);
        _harness.Submit(100);

        Assert.Equal(AppendState.Joined, _harness.Submit(100).State);
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        var rivals = new Rivals();
        Lose(rivals, stream: 1, id: 1, times: 3);

        for (var id = 2; id < 100; id++)
        {
            Lose(rivals, stream: 1, id, times: 1);
        }

        Assert.NotNull(rivals.Before(AppendTo(1)));
        Lose(rivals, stream: 1, id: 1, times: 1);

        for (var stream = 2; stream < 2 + Rivals.Streams; stream++)
        {
            Lose(rivals, stream, id: 1, times: 3);
        }

        Assert.Null(rivals.Before(AppendTo(1)));
        Assert.NotNull(rivals.Before(AppendTo(2)));
    }

    private static Append AppendTo(int stream) => new(new StreamKey((UInt128)stream), WriterHarness.Id(1_000), ExpectedVersion.Any, 1);

    private void Lose(Rivals rivals, int stream, int id, int times)
    {
        for (var i = 0; i < times; i++)
        {
            rivals.Lost(++_next, WriterHarness.Frame(id, 1, @base: _next) with { Stream = new StreamKey((UInt128)stream) });
        }
    }

    private long Version => _harness.Fold.Versions[WriterHarness.Account];

    private void Deliver(in FrameHeader frame) => _harness.Writer.TailRecord(_harness.Writer.Position, frame);

    private void Acknowledge()
    {
        _harness.Writer.Acknowledged(_harness.LastProduced, _harness.Writer.Position);
        _harness.Writer.TailConfirms();
    }

    /// <summary>We append, and the other, which had chosen the same version, comes later.</summary>
    private void RivalLoses(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var own = _harness.Submit(++_next);

            if (own.State == AppendState.Queued)
            {
                _harness.Writer.YieldOver(_harness.Yields[^1]);
            }

            Acknowledge();
            Deliver(WriterHarness.Frame(Rival, Version, @base: _harness.Writer.Position - 1));
        }
    }
}
