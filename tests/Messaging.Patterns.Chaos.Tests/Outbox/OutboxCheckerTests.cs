using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.Checks;
using Messaging.Patterns.Chaos.Outbox.History;

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
        Effects = [Effect("a", 1, "a1"), Effect("a", 2, "a2"), Effect("a", 3, "a3"), Effect("b", 1, "b1")],
        Told = [new("a", "t1", "a1"), new("a", "t2", "a2"), new("a", "t1", "a1"), new("a", "t3", "a3"), new("b", "t4", "b1")],
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
    public void An_event_without_effect_is_lost() => Finds(_sound with { Effects = [.. _sound.Effects!.Where(one => one.Id != "a3")] }, ViolationKind.Lost, "took effect 0 times");

    [Fact]
    public void An_event_with_two_effects_is_duplicated() => Finds(_sound with { Effects = [.. _sound.Effects!, Effect("a", 4, "a1")] }, ViolationKind.Duplicated, "took effect 2 times");

    [Fact]
    public void An_effect_of_nothing_is_untrue() => Finds(_sound with { Effects = [.. _sound.Effects!, Effect("a", 4, "gone")] }, ViolationKind.Untrue, "gone took effect");

    [Fact]
    public void Effects_out_of_order_are_reordered() =>
        Finds(_sound with { Effects = [Effect("a", 1, "a2"), Effect("a", 2, "a1"), .. _sound.Effects!.Skip(2)] }, ViolationKind.Reordered, "took effect behind number 2");

    [Fact]
    public void An_effect_that_is_not_told_is_lost() => Finds(_sound with { Told = [.. _sound.Told.Where(one => one.Of != "b1")] }, ViolationKind.Lost, "was told 0 times");

    [Fact]
    public void An_effect_that_is_told_by_two_events_is_duplicated() => Finds(_sound with { Told = [.. _sound.Told, new("a", "t9", "a1")] }, ViolationKind.Duplicated, "was told 2 times");

    [Fact]
    public void Effects_that_are_told_out_of_order_are_reordered() =>
        Finds(_sound with { Told = [new("a", "t2", "a2"), .. _sound.Told] }, ViolationKind.Reordered, "was told behind number 2");

    private static TookEffect Effect(string key, long sequence, string id) => new(key, sequence, id, "member-1.1");

    private static void Finds(OutboxHistory history, ViolationKind kind, string text) =>
        Assert.Contains(OutboxChecker.Check(history), violation => violation.Kind == kind && violation.Text.Contains(text, StringComparison.Ordinal));
}
