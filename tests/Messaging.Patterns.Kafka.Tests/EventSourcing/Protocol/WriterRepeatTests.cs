using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class WriterRepeatTests
{
    private readonly WriterHarness _harness = new();

    [Fact]
    public void A_repeat_of_an_accepted_append_answers_the_first_result()
    {
        var first = _harness.Submit(1, ExpectedVersion.NoStream);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);
        _harness.Writer.TailRecord(0, _harness.LastProduced.Header);
        _harness.OthersAppend(2);

        var repeat = _harness.Submit(1, ExpectedVersion.NoStream);

        Assert.Equal(_harness.DecisionOf(first), _harness.DecisionOf(repeat));
        Assert.Single(_harness.Produced);
    }

    [Fact]
    public void A_repeat_of_a_pending_append_joins_it_and_gets_the_same_answer()
    {
        var first = _harness.Submit(1);
        var repeat = _harness.Submit(1);
        Assert.Equal(AppendState.Joined, repeat.State);

        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        Assert.Equal(_harness.DecisionOf(first), _harness.DecisionOf(repeat));
        Assert.Single(_harness.Produced);
    }

    [Fact]
    public void A_repeat_of_a_queued_append_joins_it()
    {
        _harness.Submit(1);
        _harness.Submit(2);
        var repeat = _harness.Submit(2);

        _harness.Writer.Acknowledged(_harness.Produced[0], 0);
        _harness.Writer.Acknowledged(_harness.Produced[1], 1);

        Assert.Equal(2, _harness.DecisionOf(repeat).Version);
    }

    [Fact]
    public void A_repeat_accepted_through_another_writer_is_noticed_when_it_would_choose_a_version()
    {
        _harness.Submit(2);
        var append = _harness.Submit(1);
        _harness.Writer.TailRecord(0, WriterHarness.Frame(1, 1));

        _harness.Writer.Acknowledged(_harness.LastProduced, 1);

        Assert.Equal(new AppendDecision { Kind = DecisionKind.Accepted, Version = 1, Offset = 0 }, _harness.DecisionOf(append));
        Assert.Equal(2, _harness.Produced.Count);
    }

    [Fact]
    public void A_joined_append_outlives_the_one_it_joined_and_keeps_its_doubt()
    {
        var first = _harness.Submit(1);
        var repeat = _harness.Submit(1);
        _harness.Writer.Cancel(first);
        Assert.False(_harness.IsDecided(repeat));
        Assert.Equal(2, _harness.Produced.Count);

        // Its own copy was surely not written, but the first one's may have been.
        _harness.Writer.NotPersisted(_harness.LastProduced, new TimeoutException(), isFinal: true);
        _harness.Writer.Deadline(repeat);

        Assert.Equal(DecisionKind.Unknown, _harness.KindOf(repeat));
    }

    [Fact]
    public void A_joined_append_can_give_up_alone()
    {
        var first = _harness.Submit(1);
        var repeat = _harness.Submit(1);

        _harness.Writer.Cancel(repeat);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        Assert.Equal(DecisionKind.Unknown, _harness.KindOf(repeat));
        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(first));
    }

    [Fact]
    public void The_window_forgets_the_oldest_append_and_says_what_it_covers()
    {
        var window = new AppendWindow(2);

        for (var number = 1; number <= 3; number++)
        {
            window.Add(new AcceptedAppend(WriterHarness.Account, WriterHarness.Id(number), number, 10 + number));
        }

        Assert.False(window.TryGet(WriterHarness.Account, WriterHarness.Id(1), out _));
        Assert.True(window.TryGet(WriterHarness.Account, WriterHarness.Id(2), out var second));
        Assert.Equal(12, second.Offset);
        Assert.Equal(12, window.CoveredFrom);
    }

    [Fact]
    public void A_doubt_passes_on_through_a_resolution_that_is_settled_in_between()
    {
        // Found by the simulator: the resolution of an older attempt joined the append, inherited its doubt about version 4, was rejected at once, and passed
        // on a doubt about its own version, which was decided. The next heir said "not written" while the copy at version 4 was still on its way.
        var harness = new WriterHarness();
        harness.OthersAppend(3);
        var first = harness.Submit(1);
        var resolution = harness.Resolve(1, AppendDecision.Unknown(2, 0));
        var repeat = harness.Submit(1);

        harness.Writer.Deadline(first);
        Assert.Equal(DecisionKind.Conflict, harness.KindOf(resolution));
        harness.Writer.NotPersisted(harness.LastProduced, error: null, isFinal: false);
        harness.Writer.Deadline(repeat);

        Assert.Equal((DecisionKind.Unknown, 4L), (harness.KindOf(repeat), harness.DecisionOf(repeat).FirstVersion));
    }
}
