using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control;

/// <summary>The proof that the simulation of rewinding is worth something: each rule, broken in the code itself, is noticed.</summary>
public sealed class RewindMutantTests
{
    private const int Seeds = 60_000;

    private static readonly string[] Core = ["ControlledPartition", "ControlEntry", "ControlFormat", "ControlLog", "ControlStep", "PartitionControl", "PartitionOrders", "PartitionPosition", "ReportFormat"];
    private static readonly string Entry = typeof(RewindMutantEntry).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(RewindMutantEntry).Assembly.Location, typeof(PartitionControl).Assembly.Location]);

    [Theory]
    [InlineData("the position is not set", nameof(RewindInvariant.NothingSkipped), "PartitionControl.cs", "if (isPending && !isRefused && _set != rewind!.Value.Epoch)", "if (isPending && !isRefused && _set < -1)")]
    [InlineData("an acknowledgement covers orders that came meanwhile", nameof(RewindInvariant.NothingSkipped), "PartitionControl.cs", "public void Acknowledged(ControlStep.Acknowledge step) => orders.Apply(step.Entry.Epoch, step.Entry);", "public void Acknowledged(ControlStep.Acknowledge step) => orders.Apply(0, step.Entry with { Epoch = orders.Newest });", 500L)]
    [InlineData("it is begun before the acknowledgement is durable", nameof(RewindInvariant.RewoundOnce), "PartitionControl.cs", "public void Set(ControlStep.SetPosition step) => _set = step.Epoch;", "public void Set(ControlStep.SetPosition step) { _set = step.Epoch; orders.Apply(0, new ControlEntry.Acknowledgement(_set, _set, 0)); }", 600L)]
    [InlineData("the control topic is not read to its end", nameof(RewindInvariant.NothingBehindAnOrder), "PartitionControl.cs", "_phase == Phase.Behind && read >= _mustRead", "_phase == Phase.Behind")]
    [InlineData("a rewind is carried out again when its partition comes", nameof(RewindInvariant.RewoundOnce), "PartitionOrders.cs", "Rewind is { } rewind && rewind.Epoch > Done.Epoch", "Rewind is { } rewind && rewind.Epoch >= Done.Epoch", 4_000L)]
    [InlineData("the last acknowledgement counts instead of the highest", nameof(RewindInvariant.RewoundOnce), "PartitionOrders.cs", "Done = done.Epoch > Done.Epoch ? done : Done;", "Done = done;", 19_750L)]
    [InlineData("who runs heeds no order", nameof(RewindInvariant.Progress), "PartitionControl.cs", "Phase.Settled when orders.Newest > _seen => Quiesce(),", "")]
    [InlineData("who rests does not see that the pause ends", nameof(RewindInvariant.Progress), "PartitionControl.cs", "(_phase, _seen) = (Phase.Settled, step.Seen);", "(_phase, _seen) = (Phase.Settled, long.MaxValue);")]
    [InlineData("a pause is acknowledged and not kept", nameof(RewindInvariant.PauseHolds), "PartitionControl.cs", "return orders.IsPaused", "return orders.IsPaused && seen < 0", 600L)]
    [InlineData("skips are not heeded", nameof(RewindInvariant.SkipHolds), "PartitionOrders.cs", "_skips[skip.Offset] = offset;", "")]
    [InlineData("everything before the target is a replay", nameof(RewindInvariant.ReplayMarked), "PartitionControl.cs", "_replayUntil = new[] { _replayUntil, orders.Done.ReplayUntil, rewind.Value.Order.Handled, handled }.Max();", "_replayUntil = long.MaxValue;")]
    public void A_broken_rule_of_the_owner_is_caught(string what, string invariant, string file, string original, string broken, long start = 0) =>
        AssertCaught(what, invariant, Compiler.Compile(Entry, file, original, broken), start);

    [Theory]
    [InlineData("a second rewind, of other partitions, replaces the first", nameof(RewindInvariant.NothingSkipped), "ControlFormat.cs", "json.WriteNumberValue(partition.Partition);", "json.WriteNumberValue(0);")]
    [InlineData("a skip replaces another", nameof(RewindInvariant.SkipHolds), "ControlFormat.cs", "json.WriteNumberValue(skip.Offset);", "json.WriteNumberValue(0);")]
    public void A_key_that_lets_compaction_lose_something_is_caught(string what, string invariant, string file, string original, string broken) =>
        AssertCaught(what, invariant, Compiler.Compile(Entry, file, original, broken), start: 0);

    [Theory]
    [InlineData("a former owner's commit comes late", nameof(RewindInvariant.CommitNotAhead), "RewindMember.cs", "        Arrive();\n        Stop(owned);\n        CommitDone(owned);\n        Remove(owned);", "        Stop(owned);\n        CommitDone(owned);\n        Remove(owned);", 3_300L)]
    [InlineData("the owner's own commit comes after the one that sets the position", nameof(RewindInvariant.CommitNotAhead), "RewindMember.cs", "        Arrive();\n        Stop(owned);\n        CommitDone(owned);\n        owned.Run = null;", "        Stop(owned);\n        CommitDone(owned);\n        owned.Run = null;", 700L)]
    [InlineData("handlers are not waited for", nameof(RewindInvariant.QuietWhenSet), "RewindMember.cs", "                owned.IsQuiescing = true;", "                owned.Control.Quiesced();")]
    [InlineData("the generation is not raised", nameof(RewindInvariant.CommitNotAhead), "RewindMember.cs", "owned.Run = new SimRun(step, owned.Committed);", "var former = owned.Last; owned.Run = owned.Last = new SimRun(step, owned.Committed); former?.Done.ToList().ForEach(done => owned.Run.Done.Add(done));", 26_800L)]
    [InlineData("a projection is rewound once more by a former owner", nameof(RewindInvariant.RewoundOnce), "SimProjection.cs", "if (epoch <= Epoch)", "if (epoch < Epoch)", 15_650L)]
    [InlineData("a projection takes events of a former epoch", nameof(RewindInvariant.ProjectionExact), "SimProjection.cs", "if (epoch != Epoch)\n        {\n            return null;", "if (epoch > Epoch)\n        {\n            return null;", 1_690L)]
    [InlineData("it acknowledges what it could not commit", nameof(RewindInvariant.SetBeforeAcknowledged), "RewindMember.cs", "if (!world.TrySetPosition(owned, step))", "if (!world.TrySetPosition(owned, step) && step.Epoch < 0)")]
    public void A_broken_rule_around_it_is_caught(string what, string invariant, string file, string original, string broken, long start = 0) =>
        AssertCaught(what, invariant, Compiler.Compile(Entry, file, original, broken), start);

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_original_compiled_in_the_same_way_is_not_caught() =>
        Assert.Null(Find(Compiler.CompileOriginal(Entry), invariant: null, start: 0, seeds: 300));

    // What is rare is looked for from where it was found before, lest each run plays all that lies in front of it.
    private static void AssertCaught(string what, string invariant, Type mutant, long start)
    {
        var found = Find(mutant, invariant, start, Seeds);
        Assert.True(found is not null, $"{Seeds} histories from {start} on of the mutant in which {what} show no violation of {invariant}.");
    }

    private static string? Find(Type entry, string? invariant, long start, long seeds) =>
        (string?)entry.GetMethod(nameof(RewindMutantEntry.FindViolation))!.Invoke(null, [invariant, start, seeds]);

    private static IEnumerable<string> FindSources()
    {
        var control = Path.Combine("Consuming", "Control");
        var (library, tests) = (Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns.Kafka"), Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests"));
        return
        [
            .. Core.Select(name => Path.Combine(library, control, $"{name}.cs")),
            .. Directory.GetFiles(Path.Combine(tests, control, "Simulation"), "*.cs"),
            Path.Combine(tests, "EventSourcing", "Protocol", "Simulation", "SimRandom.cs"),
            Path.Combine(tests, "Consuming", "Dispatch", "Simulation", "SimRandomExtensions.cs"),
        ];
    }
}
