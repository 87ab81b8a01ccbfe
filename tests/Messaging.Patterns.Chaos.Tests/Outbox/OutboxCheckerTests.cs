using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox;
using Messaging.Patterns.Chaos.Outbox.Checks;
using Messaging.Patterns.Chaos.Outbox.History;
using ControlRecord = Messaging.Patterns.Chaos.Consume.History.ControlRecord;

namespace Messaging.Patterns.Chaos.Tests.Outbox;

/// <summary>Each promise of outbox and inbox is broken in a history that is sound but for that: two keys, a repeat, a rollback, an unknown outcome.</summary>
public sealed class OutboxCheckerTests
{
    private readonly OutboxHistory _sound = new()
    {
        Transactions =
        [
            ("writer-1.1", new TransactionEnded(1, ["a1"], true)), ("writer-1.1", new TransactionEnded(2, ["a2", "b1"], true)),
            ("writer-2.1", new TransactionEnded(3, ["gone"], false)), ("writer-2.1", new TransactionEnded(4, ["a3"], null)), ("writer-2.1", new TransactionEnded(5, ["lost"], null)),
        ],
        Ledger = [new("a", 1, "a1"), new("a", 2, "a2"), new("a", 3, "a3"), new("b", 1, "b1")],
        Log = [new(0, 0, "a", "a1"), new(0, 1, "a", "a2"), new(0, 2, "a", "a1"), new(0, 3, "a", "a3"), new(1, 0, "b", "b1")],

        // The group that knows events was rewound to the second record of a; the one that knows positions handles the repeat too.
        Effects =
        [
            Effect("a", 1, "a1", 0), Effect("a", 2, "a2", 1), Effect("a", 3, "a2", 1) with { Epoch = 7 }, Effect("a", 4, "a3", 3) with { Epoch = 7 }, Effect("b", 1, "b1", 0) with { Partition = 1 },
            Counted("a", 1, "a1", 0), Counted("a", 2, "a2", 1), Counted("a", 3, "a1", 2), Counted("a", 4, "a3", 3), Counted("b", 1, "b1", 0) with { Partition = 1 },
        ],
        Told =
        [
            Told("a", "t1", "a1"), Told("a", "t2", "a2"), Told("a", "t1", "a1"), Told("a", "t3", "a2"), Told("a", "t4", "a3"), Told("b", "t5", "b1"),
            .. new[] { "a1", "a2", "a1", "a3" }.Select((id, number) => Told("a", $"c{number}", id) with { Group = InboxScenario.Counting }), Told("b", "c5", "b1") with { Group = InboxScenario.Counting },
        ],
        Control = [new(7, ControlRecord.Rewind, InboxScenario.Packing, 0, 0, 1), new(8, ControlRecord.Done, InboxScenario.Packing, 0, 7, 7)],
    };

    [Fact]
    public void A_sound_history_has_no_violation() => Assert.Empty(OutboxChecker.Check(_sound));

    [Fact]
    public void A_process_that_breaks_has_failed() => Finds(_sound with { Broken = [("relay-1.1", new Broken(5, "it stopped"))] }, ViolationKind.Failed, "it stopped");

    [Fact]
    public void A_commit_that_is_not_in_the_ledger_is_lost() =>
        Finds(_sound with { Transactions = [("writer-1.1", new TransactionEnded(6, ["a9"], true))] }, ViolationKind.Lost, "was told as committed");

    [Fact]
    public void A_rollback_that_is_in_the_ledger_is_untrue() =>
        Finds(_sound with { Transactions = [("writer-1.1", new TransactionEnded(6, ["a1"], false))] }, ViolationKind.Untrue, "was told as rolled back");

    [Fact]
    public void A_ledger_with_a_gap_proves_nothing() => Finds(_sound with { Ledger = [.. _sound.Ledger.Where(one => one.Id != "a2")] }, ViolationKind.Untrue, "have a gap");

    [Fact]
    public void A_committed_event_that_is_not_sent_is_lost() => Finds(_sound with { Log = [.. _sound.Log.Where(one => one.Id != "a3")] }, ViolationKind.Lost, "was never sent");

    [Fact]
    public void An_event_that_was_rolled_back_and_is_sent_is_untrue() =>
        Finds(_sound with { Log = [.. _sound.Log, new(0, 4, "a", "gone")] }, ViolationKind.Untrue, "no such transaction committed");

    [Fact]
    public void An_event_that_is_sent_with_another_key_is_untrue() =>
        Finds(_sound with { Log = [.. _sound.Log.Select(one => one.Id == "b1" ? one with { Key = "c" } : one)] }, ViolationKind.Untrue, "with key c");

    [Fact]
    public void Events_that_are_sent_out_of_order_are_reordered() =>
        Finds(_sound with { Log = [new(0, 0, "a", "a2"), .. _sound.Log.Select(one => one with { Offset = one.Offset + 1 })] }, ViolationKind.Reordered, "behind number 2");

    [Fact]
    public void An_event_without_effect_is_lost() => Finds(_sound with { Effects = Without(one => one.Key == "b") }, ViolationKind.Lost, "took no effect in chaos-packing");

    [Fact]
    public void An_event_without_effect_in_the_last_rewind_is_lost() => Finds(_sound with { Effects = Without(one => one is { Epoch: 7, Id: "a3" }) }, ViolationKind.Lost, "in epoch 7, which goes back to 1");

    [Fact]
    public void An_event_with_two_effects_is_duplicated() =>
        Finds(_sound with { Effects = [.. _sound.Effects!, Effect("b", 2, "b1", 0) with { Partition = 1 }] }, ViolationKind.Duplicated, "as number 2 of epoch 0, where nothing was next");

    [Fact]
    public void A_copy_that_takes_effect_where_events_are_known_is_duplicated() =>
        Finds(_sound with { Effects = [.. _sound.Effects!, Effect("a", 5, "a1", 2) with { Epoch = 7 }] }, ViolationKind.Duplicated, "a1 of a took effect");

    [Fact]
    public void An_effect_of_an_epoch_that_has_ended_is_duplicated() =>
        Finds(_sound with { Effects = [.. _sound.Effects!, Effect("a", 5, "a3", 3)] }, ViolationKind.Duplicated, "in epoch 0, behind a3 of epoch 7");

    [Fact]
    public void An_effect_of_an_epoch_that_nobody_carried_out_is_untrue() =>
        Finds(_sound with { Effects = [.. _sound.Effects!, Effect("a", 5, "a3", 3) with { Epoch = 9 }] }, ViolationKind.Untrue, "in epoch 9, which nobody carried out");

    [Fact]
    public void An_effect_of_nothing_is_untrue() => Finds(_sound with { Effects = [.. _sound.Effects!, Effect("a", 5, "gone", 9)] }, ViolationKind.Untrue, "gone took effect");

    [Fact]
    public void Effects_out_of_order_are_reordered() => Finds(
        _sound with { Effects = [.. _sound.Effects!.Select(one => one is { Group: InboxScenario.Counting, Key: "a" } ? one with { Sequence = 10 - one.Sequence } : one)] }, ViolationKind.Reordered, "as number 1 of epoch 0");

    [Fact]
    public void An_effect_that_is_not_told_is_lost() => Finds(_sound with { Told = [.. _sound.Told.Where(one => one.Of != "b1")] }, ViolationKind.Lost, "is of nothing, where b1 took effect");

    [Fact]
    public void An_effect_that_is_told_by_two_events_is_duplicated() => Finds(_sound with { Told = [.. _sound.Told, Told("b", "t9", "b1")] }, ViolationKind.Duplicated, "is of b1, where nothing took effect");

    [Fact]
    public void Effects_that_are_told_out_of_order_are_reordered() => Finds(_sound with { Told = [Told("a", "t2", "a2"), .. _sound.Told] }, ViolationKind.Reordered, "is of a2, where a1 took effect");

    private static TookEffect Effect(string key, long sequence, string id, long offset) => new(InboxScenario.Packing, key, sequence, id, 0, offset, 0, "member-1.1");

    private static TookEffect Counted(string key, long sequence, string id, long offset) => Effect(key, sequence, id, offset) with { Group = InboxScenario.Counting };

    private static SentOn Told(string key, string id, string of) => new(InboxScenario.Packing, key, id, of);

    private List<TookEffect> Without(Func<TookEffect, bool> left) => [.. _sound.Effects!.Where(one => one.Group != InboxScenario.Packing || !left(one))];

    private static void Finds(OutboxHistory history, ViolationKind kind, string text) =>
        Assert.Contains(OutboxChecker.Check(history), violation => violation.Kind == kind && violation.Text.Contains(text, StringComparison.Ordinal));
}
