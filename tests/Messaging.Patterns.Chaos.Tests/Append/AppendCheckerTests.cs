using Messaging.Patterns.Chaos.Append.Checks;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Tests.Append;

/// <summary>A checker that cannot fail is worthless: each guarantee is broken in a history that is sound but for that.</summary>
public sealed class AppendCheckerTests
{
    private readonly AppendHistory _sound = SoundHistory.Make();

    [Fact]
    public void A_sound_history_has_no_violation() => Assert.Empty(AppendChecker.Check(_sound));

    [Fact]
    public void A_success_that_is_not_in_the_log_is_lost() =>
        Finds(_sound with { Appends = [.. _sound.Appends, SoundHistory.Append("gone", "any", 90, 95, Answer.Accepted, 5, "notes:0@7")] }, ViolationKind.Lost, "was acknowledged");

    [Theory]
    [InlineData(2, "notes:0@2")]
    [InlineData(1, "notes:0@3")]
    public void A_success_at_another_version_or_position_is_untrue(long version, string position) =>
        Finds(Answered(0, call => call with { Version = version, Position = position }), ViolationKind.Untrue, "was acknowledged");

    [Fact]
    public void A_success_against_its_expectation_is_untrue() =>
        Finds(_sound with { Appends = [.. _sound.Appends.Where((_, index) => index != 5).Select((call, index) => index == 0 ? call with { Work = call.Work with { Expectation = "exists" } } : call)] }, ViolationKind.Untrue, "expected an existing stream");

    [Fact]
    public void A_conflict_that_is_accepted_is_untrue() =>
        Finds(Answered(2, call => call with { Answer = Answer.Conflict, Version = 1 }), ViolationKind.Untrue, "was told a conflict");

    [Fact]
    public void A_repetition_that_is_told_a_conflict_with_its_own_events_is_untrue() =>
        Finds(Answered(5, call => call with { Answer = Answer.Conflict, Version = 1 }), ViolationKind.Untrue, "was told a conflict");

    [Fact]
    public void A_conflict_with_a_version_that_meets_the_expectation_is_untrue() =>
        Finds(Answered(1, call => call with { Version = 0 }), ViolationKind.Untrue, "which meets");

    [Fact]
    public void A_conflict_with_a_version_that_never_was_is_untrue() =>
        Finds(Answered(1, call => call with { Version = 9 }), ViolationKind.Untrue, "never reached");

    [Fact]
    public void A_conflict_that_overlooks_what_was_acknowledged_is_untrue() =>
        Finds(Answered(6, call => call with { Answer = Answer.Conflict, Version = 2 }), ViolationKind.Untrue, "was acknowledged before it began");

    [Fact]
    public void A_conflict_with_a_version_of_the_future_is_reordered() =>
        Finds(Answered(1, call => call with { Version = 4 }), ViolationKind.Reordered, "before anybody asked");

    [Fact]
    public void A_failure_that_is_accepted_is_untrue() =>
        Finds(Answered(2, call => call with { Answer = Answer.NotWritten }), ViolationKind.Untrue, "nothing was written");

    [Fact]
    public void An_unknown_outcome_that_was_told_as_a_failure_is_untrue() =>
        Finds(Answered(3, call => call with { Answer = Answer.NotWritten }), ViolationKind.Untrue, "nothing was written");

    [Fact]
    public void An_unknown_outcome_that_nobody_resolves_is_untrue() => Finds(_sound with { Resolves = [] }, ViolationKind.Untrue, "nobody could resolve");

    [Theory]
    [InlineData(nameof(Answer.Rejected), 0, null)]
    [InlineData(nameof(Answer.Accepted), 3, "notes:0@5")]
    [InlineData(nameof(Answer.Accepted), 4, "notes:0@6")]
    public void A_resolution_that_the_log_denies_is_untrue(string answer, long version, string? position) =>
        Finds(_sound with { Resolves = [_sound.Resolves[0] with { Answer = Enum.Parse<Answer>(answer), Version = version, Position = position }] }, ViolationKind.Untrue, "was resolved");

    [Fact]
    public void A_resolution_as_accepted_of_what_is_not_in_the_log_is_lost() =>
        Finds(
            _sound with { Resolves = [.. _sound.Resolves, _sound.Resolves[0] with { Pending = _sound.Resolves[0].Pending with { Id = Guid.NewGuid() } }] },
            ViolationKind.Lost,
            "was resolved");

    [Fact]
    public void An_append_that_is_accepted_twice_is_duplicated() =>
        Finds(WithLog([.. SoundHistory.Log, SoundHistory.Frame(6, 5, "late", 1, @base: 6, isAccepted: true)]), ViolationKind.Duplicated, "is accepted 2 times");

    [Fact]
    public void A_late_copy_that_is_accepted_is_duplicated() =>
        Finds(_sound with { LogWithCopies = [.. _sound.Log, SoundHistory.Frame(8, 5, "beaten", 1, @base: 8, isAccepted: true)] }, ViolationKind.Duplicated, "is a late copy");

    [Fact]
    public void An_event_that_nobody_appended_is_untrue() =>
        Finds(WithLog([.. SoundHistory.Log, SoundHistory.Frame(6, 5, "made-up", 1, @base: 6, isAccepted: true)]), ViolationKind.Untrue, "nobody appended it");

    [Fact]
    public void Events_other_than_those_appended_are_untrue() =>
        Finds(Answered(2, call => call with { Work = call.Work with { Count = 3 } }), ViolationKind.Untrue, "not what was appended");

    [Fact]
    public void A_decision_on_a_stale_state_is_untrue() =>
        Finds(
            WithLog([.. SoundHistory.Log.Select(frame => frame.FirstVersion == 2 ? SoundHistory.Frame(3, 2, "decided", 2, @base: 3, isAccepted: true, decidedAt: 0) : frame)]),
            ViolationKind.Untrue,
            "not what was appended");

    [Fact]
    public void A_frame_ahead_of_its_stream_is_untrue() =>
        Finds(WithLog([.. SoundHistory.Log, SoundHistory.Frame(6, 9, "killed", 1, @base: 6, isAccepted: false)]), ViolationKind.Untrue, "ahead of its stream");

    [Fact]
    public void A_frame_with_a_base_beyond_itself_is_untrue() =>
        Finds(WithLog([.. SoundHistory.Log, SoundHistory.Frame(6, 5, "killed", 1, @base: 7, isAccepted: true)]), ViolationKind.Untrue, "beyond itself");

    [Fact]
    public void A_frame_that_the_base_rule_judges_otherwise_is_untrue() =>
        Finds(WithLog([.. SoundHistory.Log, SoundHistory.Frame(6, 4, "killed", 1, @base: 6, isAccepted: false)]), ViolationKind.Untrue, "not by the base rule");

    [Fact]
    public void An_append_that_was_asked_for_after_a_later_version_was_known_is_reordered() =>
        Finds(Answered(2, call => call with { Began = 85, Ended = 86 }), ViolationKind.Reordered, "was asked for");

    [Fact]
    public void A_read_of_other_events_is_untrue() => Finds(Read(0, read => read with { Seen = read.Seen with { Digest = 1 } }), ViolationKind.Untrue, "not those of the log");

    [Fact]
    public void A_read_of_more_than_the_log_holds_is_lost() => Finds(Read(0, read => read with { Seen = read.Seen with { Last = 5, Count = 5 } }), ViolationKind.Lost, "has only 4");

    [Fact]
    public void A_read_of_the_future_is_reordered() =>
        Finds(_sound with { Reads = [SoundHistory.Read(_sound, Freshness.Local, null, 1, 2, 1)] }, ViolationKind.Reordered, "before anybody asked");

    [Fact]
    public void A_session_read_that_misses_its_position_is_untrue() =>
        Finds(_sound with { Reads = [SoundHistory.Read(_sound, Freshness.Session, "notes:0@4", 45, 46, 1)] }, ViolationKind.Untrue, "had to see 3");

    [Fact]
    public void A_strong_read_that_misses_what_was_acknowledged_is_untrue() =>
        Finds(_sound with { Reads = [SoundHistory.Read(_sound, Freshness.Strong, null, 82, 83, 3)] }, ViolationKind.Untrue, "had to see 4");

    [Fact]
    public void A_linearizable_read_that_misses_what_was_acknowledged_is_untrue_whoever_answered() =>
        Finds(_sound with { Reads = [SoundHistory.Read(_sound, Freshness.Linearizable, null, 82, 83, 3)], Pauses = [(70, 83)] }, ViolationKind.Untrue, "had to see 4");

    [Fact]
    public void A_strong_read_may_be_answered_by_a_deposed_leader() =>
        Assert.Empty(AppendChecker.Check(_sound with { Reads = [SoundHistory.Read(_sound, Freshness.Strong, null, 82, 83, 3)], Pauses = [(70, 83)] }));

    [Fact]
    public void Reads_of_a_process_that_go_back_are_reordered() =>
        Finds(_sound with { Reads = [.. _sound.Reads, SoundHistory.Read(_sound, Freshness.Local, null, 84, 85, 3)] }, ViolationKind.Reordered, "had seen 4");

    [Fact]
    public void A_store_that_lacks_events_in_the_end_has_lost_them() =>
        Finds(_sound with { Reads = [SoundHistory.Read(_sound, Freshness.Strong, null, 300, 301, 3) with { IsFinal = true }] }, ViolationKind.Lost, "had to see 4");

    [Fact]
    public void A_writer_that_holds_another_version_in_the_end_has_lost_it() =>
        Finds(_sound with { Probes = [("writer-1.2", new VersionProbed(300, SoundHistory.Stream, 3))] }, ViolationKind.Lost, "holds version 3");

    [Fact]
    public void A_feed_that_shows_other_events_has_lost_some() =>
        Finds(_sound with { Feeds = [("reader-1.2", new FeedRead(302, "notes:0", 3, 1))] }, ViolationKind.Lost, "holds 3 events");

    [Fact]
    public void A_feed_without_a_partition_has_lost_it() =>
        Finds(_sound with { Feeds = [("reader-1.2", new FeedRead(302, "other:0", 0, new EventDigest().Value))] }, ViolationKind.Lost, "holds nothing");

    [Fact]
    public void An_event_that_is_never_handled_is_lost() => Finds(_sound with { Handlings = [.. _sound.Handlings.Take(3)] }, ViolationKind.Lost, "was never handled");

    [Fact]
    public void An_event_whose_handling_was_only_begun_is_lost() => Finds(Handling(3, one => one with { Ended = long.MaxValue }), ViolationKind.Lost, "was never handled");

    [Fact]
    public void A_loser_that_is_handled_is_untrue() =>
        Finds(_sound with { Handlings = [.. _sound.Handlings, SoundHistory.Handled(1, 2, 0, "beaten#0", 30, 31)] }, ViolationKind.Untrue, "not in the stream");

    [Fact]
    public void Events_handled_out_of_order_are_reordered() => Finds(Handling(1, one => one with { Ended = 70 }), ViolationKind.Reordered, "before the version before");

    [Fact]
    public void An_offset_that_is_committed_before_its_event_is_handled_may_lose_it() =>
        Finds(_sound with { Commits = [new Committed(50, new Dictionary<int, long> { [0] = 5 })] }, ViolationKind.Lost, "was committed before");

    [Fact]
    public void A_process_that_breaks_has_failed() =>
        Finds(_sound with { Broken = [("writer-1.1", new Broken(5, "it stopped"))] }, ViolationKind.Failed, "it stopped");

    private AppendHistory Answered(int at, Func<AppendCall, AppendCall> change) =>
        _sound with { Appends = [.. _sound.Appends.Select((call, index) => index == at ? change(call) : call)] };

    private AppendHistory Read(int at, Func<ReadCall, ReadCall> change) => _sound with { Reads = [.. _sound.Reads.Select((read, index) => index == at ? change(read) : read)] };

    private AppendHistory Handling(int at, Func<Handling, Handling> change) =>
        _sound with { Handlings = [.. _sound.Handlings.Select((one, index) => index == at ? change(one) : one)] };

    private AppendHistory WithLog(IReadOnlyList<LoggedFrame> log) => _sound with { Log = log, LogWithCopies = log };

    private static void Finds(AppendHistory history, ViolationKind kind, string text) =>
        Assert.Contains(AppendChecker.Check(history), violation => violation.Kind == kind && violation.Text.Contains(text, StringComparison.Ordinal));
}
