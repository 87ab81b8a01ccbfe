using Messaging.Patterns.Chaos.Consume;
using Messaging.Patterns.Chaos.Consume.Checks;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Chaos.Tests.Consume;

/// <summary>Each promise to consumer groups is broken in a history that is sound but for that.</summary>
public sealed class ConsumeCheckerTests
{
    private readonly ConsumeHistory _sound = SoundConsumeHistory.Make();

    [Fact]
    public void A_sound_history_has_no_violation() => Assert.Empty(ConsumeChecker.Check(_sound));

    [Fact]
    public void A_process_that_breaks_has_failed() => Finds(_sound with { Broken = [("member-1.1", new Broken(5, "it stopped"))] }, ViolationKind.Failed, "it stopped");

    [Fact]
    public void An_acknowledged_event_that_is_not_in_the_topic_is_lost() =>
        Finds(_sound with { Published = [("publisher-1.1", new Published(1, "a", 7, "chaos:0@8"))] }, ViolationKind.Lost, "was acknowledged");

    [Fact]
    public void Events_of_a_key_that_are_in_the_topic_out_of_order_are_reordered() =>
        Finds(_sound with { Log = [.. _sound.Log.Select(one => one.Offset == 2 ? one with { Number = -1 } : one)] }, ViolationKind.Reordered, "is behind 0");

    [Fact]
    public void An_event_that_is_not_handled_is_lost() => Finds(Without(3, 0, 10, 22), ViolationKind.Lost, "was not handled in epoch 22");

    [Fact]
    public void An_event_that_is_not_handled_again_after_a_rewind_is_lost() => Finds(Without(3, 22), ViolationKind.Lost, "was not handled in epoch 22");

    [Fact]
    public void An_event_whose_handling_did_not_succeed_is_lost() => Finds(Changed(5, 22, one => one with { Ended = long.MaxValue }), ViolationKind.Lost, "was not handled in epoch 22");

    [Fact]
    public void A_skip_holds_until_the_next_rewind() =>
        Finds(Without(4, 22), ViolationKind.Lost, "was not handled in epoch 22");

    [Fact]
    public void Events_of_a_key_that_are_handled_out_of_order_are_reordered() =>
        Finds(Changed(3, 22, one => one with { Ended = SoundConsumeHistory.At(250) }), ViolationKind.Reordered, "before 3, of its key, was done");

    [Fact]
    public void An_event_that_overtakes_a_poison_event_of_its_key_is_reordered() =>
        Finds(Changed(4, 22, one => one with { Event = one.Event with { At = SoundConsumeHistory.At(201.9) } }), ViolationKind.Reordered, "before 2, of its key, was done");

    [Fact]
    public void An_epoch_begins_at_its_target() =>
        Finds(With(SoundConsumeHistory.Handled(0, 10, 120, 121)), ViolationKind.Untrue, "to which it does not belong");

    [Fact]
    public void A_rewind_that_was_replaced_before_it_was_carried_out_is_no_epoch() =>
        Finds(With(SoundConsumeHistory.Handled(3, 20, 120, 121)), ViolationKind.Untrue, "to which it does not belong");

    [Fact]
    public void Something_that_is_not_in_the_log_is_untrue() =>
        Finds(With(SoundConsumeHistory.Handled(9, 22, 280, 281)), ViolationKind.Untrue, "is not in the log");

    [Fact]
    public void A_replay_of_what_nobody_handled_is_untrue() =>
        Finds(_sound with { Handlings = [.. _sound.Handlings.Where(one => one.Event.Offset != 3 || one.Event.Epoch == 22)] }, ViolationKind.Untrue, "was marked as replay");

    [Fact]
    public void An_event_that_comes_again_long_after_its_commit_is_duplicated() =>
        Finds(With(SoundConsumeHistory.Handled(3, 22, 330, 331)), ViolationKind.Duplicated, "long after that was committed");

    [Fact]
    public void A_member_that_was_paused_or_cut_off_may_repeat()
    {
        var paused = With(SoundConsumeHistory.Handled(3, 22, 330, 331)) with { Pauses = [("member-1", SoundConsumeHistory.At(250), SoundConsumeHistory.At(329))] };
        Assert.Empty(ConsumeChecker.Check(paused));
        Assert.Empty(ConsumeChecker.Check(With(SoundConsumeHistory.Handled(3, 22, 305, 306))));
    }

    [Fact]
    public void A_poison_event_that_is_not_set_aside_again_is_lost() =>
        Finds(_sound with { DeadLetters = [.. _sound.DeadLetters.Take(2)] }, ViolationKind.Lost, "was not set aside in epoch 22");

    [Fact]
    public void An_event_that_can_be_handled_and_is_set_aside_is_lost() =>
        Finds(_sound with { DeadLetters = [.. _sound.DeadLetters, new SetAside(3, 0, 3, 22)] }, ViolationKind.Lost, "though it can be handled");

    [Fact]
    public void A_commit_ahead_of_a_handler_may_lose_its_event() =>
        Finds(_sound with { Commits = [SoundConsumeHistory.Committed(13, 4, 1)] }, ViolationKind.Lost, "0@4 was committed before 3 was handled");

    [Fact]
    public void A_commit_ahead_of_a_dead_letter_may_lose_its_event() =>
        Finds(_sound with { Commits = [SoundConsumeHistory.Committed(50, 6, 0)] }, ViolationKind.Lost, "0@6 was committed before 2 was handled");

    [Fact]
    public void A_commit_ahead_of_the_projection_may_lose_its_event() =>
        Finds(_sound with { ProjectionCommits = [SoundConsumeHistory.Committed(12, 5)] }, ViolationKind.Lost, "before the projection was there");

    [Fact]
    public void An_order_that_nobody_acknowledges_is_lost() =>
        Finds(_sound with { Control = [.. _sound.Control, SoundConsumeHistory.Order(ControlRecord.Rewind, 40, value: 6)] }, ViolationKind.Lost, "was never acknowledged");

    [Fact]
    public void A_rewind_that_is_acknowledged_and_not_carried_out_is_lost() =>
        Finds(_sound with { Control = [.. _sound.Control, SoundConsumeHistory.Order(ControlRecord.Rewind, 40, value: 6), SoundConsumeHistory.Done(40, 22)] }, ViolationKind.Lost, "but not carried out");

    [Fact]
    public void An_acknowledgement_that_goes_back_is_duplicated() =>
        Finds(_sound with { Control = [.. _sound.Control, SoundConsumeHistory.Done(40, 10)] }, ViolationKind.Duplicated, "went back from epoch 22 to 10");

    [Fact]
    public void An_acknowledgement_of_what_nobody_asked_for_is_untrue() =>
        Finds(_sound with { Control = [.. _sound.Control, SoundConsumeHistory.Done(40, 33)] }, ViolationKind.Untrue, "nobody asked for");

    [Theory]
    [InlineData(2, nameof(ViolationKind.Lost))]
    [InlineData(0, nameof(ViolationKind.Untrue))]
    public void A_time_that_is_resolved_otherwise_than_by_the_log_is_found(long target, string kind) =>
        Finds(_sound with { Plans = [("operator.1", Planned(target, end: 6))] }, Enum.Parse<ViolationKind>(kind), "but the first record of then is at 1");

    [Fact]
    public void A_time_of_which_nothing_is_known_yet_is_the_end() => Assert.Empty(ConsumeChecker.Check(_sound with { Plans = [("operator.1", Planned(1, end: 1))] }));

    [Theory]
    [InlineData(30, 5)]
    [InlineData(0, 3)]
    public void An_event_with_a_second_effect_in_the_projection_is_duplicated(long epoch, long next) =>
        Finds(WithEffect(SoundConsumeHistory.Line(80, epoch, next, next - 1)), ViolationKind.Duplicated, $"took {next - 1} of epoch {epoch}");

    [Fact]
    public void An_event_without_effect_in_the_projection_is_lost() =>
        Finds(WithLines(lines => [.. lines.Where((_, index) => index != 2)]), ViolationKind.Lost, "took 3 when it was at 2");

    [Fact]
    public void A_projection_that_does_not_reach_the_end_has_lost_something() => Finds(WithLines(lines => [.. lines.SkipLast(1)]), ViolationKind.Lost, "ends at 5 of epoch 30");

    [Fact]
    public void A_projection_that_is_rewound_twice_for_one_order_is_untrue() =>
        Finds(WithEffect(SoundConsumeHistory.Line(80, 30, 2, null)), ViolationKind.Untrue, "or it was done before");

    [Fact]
    public void A_projection_that_is_rewound_to_elsewhere_is_untrue() =>
        Finds(WithLines(lines => [.. lines.Select(line => line.Number is null ? line with { Next = 3 } : line)]), ViolationKind.Untrue, "nobody ordered that");

    [Fact]
    public void A_projection_may_be_rewound_for_an_order_that_a_later_one_replaces() => Assert.Empty(ConsumeChecker.Check(Replaced()));

    [Fact]
    public void An_effect_in_an_epoch_that_a_later_one_replaced_is_untrue()
    {
        var history = Replaced(SoundConsumeHistory.Line(59.5, 28, 2, 1));
        Finds(history, ViolationKind.Untrue, "took 1 in epoch 28, which was never acknowledged");
    }

    [Fact]
    public void An_effect_of_something_else_is_untrue() =>
        Finds(WithLines(lines => [.. lines.Select(line => line.Next == 4 ? line with { Number = 77 } : line)]), ViolationKind.Untrue, "took 77 at 3");

    [Fact]
    public void What_is_redirected_may_be_committed_before_it_is_handled()
    {
        var committed = SoundConsumeHistory.Committed(13, 4, 1);
        var history = Redirected(3) with { Commits = [committed with { Redirected = new Dictionary<int, long> { [0] = 1 } }] };
        Assert.Empty(ConsumeChecker.Check(history));
        Finds(history with { Commits = [committed] }, ViolationKind.Lost, "0@4 was committed before 3 was handled");
    }

    [Fact]
    public void What_waits_redirected_is_handled_in_any_later_epoch()
    {
        // 0 waits over the rewind to 1, and 2 and 4 of its key are handled only when it is.
        var history = Redirected(0) with { Handlings = [.. _sound.Handlings.Where(one => one.Event.Epoch == 0), SoundConsumeHistory.Handled(0, 10, 99, 99.5), .. _sound.Handlings.Where(one => one.Event.Epoch > 0)] };
        Assert.Empty(ConsumeChecker.Check(history));
        Finds(Redirected(3) with { Handlings = Without(3, 0, 10, 22).Handlings }, ViolationKind.Lost, "was not handled in epoch 22");
    }

    [Fact]
    public void What_is_redirected_is_not_overtaken() =>
        Finds(Redirected(3) with { Handlings = Changed(3, 22, one => one with { Ended = SoundConsumeHistory.At(250) }).Handlings }, ViolationKind.Reordered, "before 3, of its key, was done");

    [Fact]
    public void What_lies_before_an_epoch_was_done_before_it()
    {
        var first = SoundConsumeHistory.Handled(1, 22, 201, 201.5);
        var handlings = _sound.Handlings.Where(one => one.Event.Offset != 1).Append(first);
        Finds(Redirected(1) with { Handlings = [.. handlings] }, ViolationKind.Reordered, "before 1, of its key, was done");
    }

    private ConsumeHistory Redirected(long offset) => _sound with { Redirected = [new RedirectedEvent(0, 0, offset)] };

    private ConsumeHistory Replaced(params PositionLine[] effects) => WithLines(lines => [.. lines.Take(6), SoundConsumeHistory.Line(59, 28, 1, null), .. effects, .. lines.Skip(6)]) with
    {
        Control = [.. _sound.Control.SkipLast(2), SoundConsumeHistory.Order(ControlRecord.Rewind, 28, value: 1) with { Group = ConsumeScenario.Projection }, .. _sound.Control.TakeLast(2)],
    };

    private static RewindPlanned Planned(long target, long end) =>
        new(SoundConsumeHistory.At(90), ConsumeScenario.Listeners, SoundConsumeHistory.Time(1), [new PlannedRewind("chaos", 0, 6, target, end)]);

    private ConsumeHistory Without(long offset, params long[] epochs) =>
        _sound with { Handlings = [.. _sound.Handlings.Where(one => one.Event.Offset != offset || !epochs.Contains(one.Event.Epoch))] };

    private ConsumeHistory With(Handling handling) => _sound with { Handlings = [.. _sound.Handlings, handling] };

    private ConsumeHistory Changed(long offset, long epoch, Func<Handling, Handling> change) =>
        _sound with { Handlings = [.. _sound.Handlings.Select(one => one.Event.Offset == offset && one.Event.Epoch == epoch ? change(one) : one)] };

    private ConsumeHistory WithEffect(PositionLine line) => WithLines(lines => [.. lines, line]);

    private ConsumeHistory WithLines(Func<IReadOnlyList<PositionLine>, IReadOnlyList<PositionLine>> change) =>
        _sound with { Projection = new Dictionary<int, IReadOnlyList<PositionLine>> { [0] = change(_sound.Projection[0]) } };

    private static void Finds(ConsumeHistory history, ViolationKind kind, string text) =>
        Assert.Contains(ConsumeChecker.Check(history), violation => violation.Kind == kind && violation.Text.Contains(text, StringComparison.Ordinal));
}
