using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control;

/// <summary>The proof that the simulation of positions is worth something: each step and each lock, broken in the code itself, is noticed.</summary>
public sealed class PositionMutantTests
{
    private const int Seeds = 60_000;

    private static readonly string[] Core = ["ControlledPartition", "ControlEntry", "ControlFormat", "ControlLog", "ControlStep", "PartitionControl", "PartitionOrders", "PartitionPosition", "ReportFormat"];
    private static readonly string Entry = typeof(PositionMutantEntry).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(PositionMutantEntry).Assembly.Location, typeof(PartitionControl).Assembly.Location]);

    [Theory]
    [InlineData("there is no position before something is given out", nameof(PositionInvariant.BegunInAStoredEpoch), "PartitionPosition.cs", "return follows ? new ControlStep.Place(new StoredPosition(committed ?? -1, epoch)) : null;", "return null;")]
    [InlineData("the group goes on from its commit", nameof(PositionInvariant.NothingSkipped), "PartitionPosition.cs", "{ Next: >= 0 } => _stored.Next,", "{ Next: >= 0 } => committed,", 400L)]
    [InlineData("the group goes on from its commit where nothing is handled", nameof(PositionInvariant.NothingSkipped), "PartitionPosition.cs", "_ => null,\n    };", "_ => committed,\n    };", 7600L)]
    [InlineData("it is not looked again", nameof(PositionInvariant.StopsOnlyWhenLost), "PartitionPosition.cs", "return _lookedFor < epoch ? new ControlStep.Look(epoch)\n            : follows", "return follows")]
    [InlineData("it is looked again and again", nameof(PositionInvariant.Progress), "PartitionPosition.cs", "(_lookedFor, _stored) = (step.Epoch, stored)", "_stored = stored")]
    [InlineData("a rewind that was lost is not noticed", nameof(PositionInvariant.BegunInAStoredEpoch), "PartitionPosition.cs", ": follows ? new ControlStep.Lost(_stored, epoch)\n", "")]
    [InlineData("an epoch that came after the look at the position is not known", nameof(PositionInvariant.StopsOnlyWhenLost), "PartitionControl.cs", "if (_stored > (rewind?.Epoch ?? -1))", "if (position?.Epoch > (rewind?.Epoch ?? -1))")]
    [InlineData("what a former owner stored is not committed", nameof(PositionInvariant.CommitFollows), "PartitionOffsets.cs", "Math.Min(Position ?? -1, Commit ?? -1)", "(Position ?? -1)")]
    [InlineData("only what is ahead of the commit counts", nameof(PositionInvariant.Progress), "PartitionOffsets.cs", "Math.Min(Position ?? -1, Commit ?? -1)", "(Commit ?? -1)")]
    public void A_broken_step_of_the_owner_is_caught(string what, string invariant, string file, string original, string broken, long start = 0) =>
        AssertCaught(what, invariant, file, original, broken, start);

    [Theory]
    [InlineData("the position is looked at after the end of the orders", nameof(PositionInvariant.StopsOnlyWhenLost), "PositionMember.cs", "owned.Control.Came(world.Topic.End);", "var end = world.Topic.End; owned.Request = null; Ask(owned, () => { owned.Position.Found(world.Inbox.Position); owned.Control.Came(end); });", 1100L)]
    [InlineData("who could not commit goes on from its former commit", nameof(PositionInvariant.PositionNotAhead), "PositionMember.cs", "        owned.Found(stored);\n        owned.SetFor", "        owned.Position.Found(stored);\n        owned.SetFor")]
    [InlineData("it is committed first", nameof(PositionInvariant.NothingSkipped), "PositionMember.cs", "                Change(owned, new StoredPosition(step.Target, step.Epoch), stored => Commit(owned, step, stored));", "                Commit(owned, step, new StoredPosition(step.Target, step.Epoch));\n                owned.Request = new SimRequest(() => world.Inbox.TryRewind(new StoredPosition(step.Target, step.Epoch)) is not null || true, () => { });", 47900L)]
    [InlineData("it is only committed", nameof(PositionInvariant.BegunInAStoredEpoch), "PositionMember.cs", "                Change(owned, new StoredPosition(step.Target, step.Epoch), stored => Commit(owned, step, stored));", "                Commit(owned, step, new StoredPosition(step.Target, step.Epoch));")]
    [InlineData("what is stored is taken for committed", nameof(PositionInvariant.CommitFollows), "PositionOwned.cs", "Offsets with { Position = Position.From(Committed) };", "PartitionOffsets.At(Position.From(Committed));")]
    public void A_broken_step_around_it_is_caught(string what, string invariant, string file, string original, string broken, long start = 0) =>
        AssertCaught(what, invariant, file, original, broken, start);

    [Theory]
    [InlineData("no epoch is compared", nameof(PositionInvariant.NothingOfAFormerEpoch), "SimInbox.cs", "if (Position is not null && Position.Epoch != handling.Epoch)", "if (Position is null)")]
    [InlineData("the epoch is compared without a lock", nameof(PositionInvariant.NothingOfAFormerEpoch), "SimInbox.cs", "(handling.Step, handling.HoldsEpoch) = (SimHandlingStep.Kept, Position is not null);", "handling.Step = SimHandlingStep.Kept;")]
    [InlineData("a rewind does not wait for the lock", nameof(PositionInvariant.NothingOfAFormerEpoch), "SimInbox.cs", "if (_open.Exists(handling => handling.HoldsEpoch))", "if (_open.Exists(handling => handling.Epoch < 0))")]
    [InlineData("a mark is no lock", nameof(PositionInvariant.OnceInAnEpoch), "SimInbox.cs", "            if (isHeld)\n", "            if (isHeld && handling.Epoch < 0)\n")]
    [InlineData("a position that moves is no lock", nameof(PositionInvariant.OnceInAnEpoch), "SimInbox.cs", "if (!world.HasMarks && _open.Exists(other => other != handling && other.HoldsEpoch))", "if (!world.HasMarks && _open.Exists(other => other.Epoch < 0))")]
    [InlineData("a position is not compared when it moves", nameof(PositionInvariant.OnceInAnEpoch), "SimInbox.cs", "else if (!world.HasMarks && handling.Offset < Position!.Next)", "else if (!world.HasMarks && handling.Offset < -1)")]
    [InlineData("a mark does not know its epoch", nameof(PositionInvariant.OnceInAnEpoch), "SimInbox.cs", "!(mark.Epoch < handling.Epoch && mark.Offset == handling.Offset)", "!(mark.Offset == handling.Offset)")]
    [InlineData("a mark does not know its place", nameof(PositionInvariant.CopiesStayKnown), "SimInbox.cs", "!(mark.Epoch < handling.Epoch && mark.Offset == handling.Offset)", "!(mark.Epoch < handling.Epoch)")]
    [InlineData("a rewind sets the position once more", nameof(PositionInvariant.OnceInAnEpoch), "SimInbox.cs", "Position.Epoch < position.Epoch)", "Position.Epoch <= position.Epoch)", 600L)]
    [InlineData("a position follows into another epoch", nameof(PositionInvariant.PositionNotAhead), "SimInbox.cs", "Position?.Epoch == position.Epoch && Position.Next < position.Next;", "Position?.Next < position.Next;\n        position = position with { Epoch = Math.Max(position.Epoch, Position?.Epoch ?? 0) };")]
    [InlineData("a position follows back", nameof(PositionInvariant.OnceInAnEpoch), "SimInbox.cs", "Position?.Epoch == position.Epoch && Position.Next < position.Next;", "Position?.Epoch == position.Epoch;", 3700L)]
    [InlineData("marks that may come again are cleaned up", nameof(PositionInvariant.OnceInAnEpoch), "PositionSimulation.cs", "return last >= World.Inbox.Position!.Next ||", "return", 18300L)]
    public void A_broken_lock_of_the_database_is_caught(string what, string invariant, string file, string original, string broken, long start = 0) =>
        AssertCaught(what, invariant, file, original, broken, start);

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_original_compiled_in_the_same_way_is_not_caught() =>
        Assert.Null(Find(Compiler.CompileOriginal(Entry), invariant: null, start: 0, seeds: 300));

    // What is rare is looked for from where it was found before, lest each run plays all that lies in front of it.
    private static void AssertCaught(string what, string invariant, string file, string original, string broken, long start)
    {
        var found = Find(Compiler.Compile(Entry, file, original, broken), invariant, start, Seeds);
        Assert.True(found is not null, $"{Seeds} histories from {start} on of the mutant in which {what} show no violation of {invariant}.");
        TestContext.Current.TestOutputHelper?.WriteLine(found);
    }

    private static string? Find(Type entry, string? invariant, long start, long seeds) =>
        (string?)entry.GetMethod(nameof(PositionMutantEntry.FindViolation))!.Invoke(null, [invariant, start, seeds]);

    private static IEnumerable<string> FindSources()
    {
        var control = Path.Combine("Consuming", "Control");
        var (library, tests) = (Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns.Kafka"), Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests"));
        return
        [
            .. Core.Select(name => Path.Combine(library, control, $"{name}.cs")),
            Path.Combine(library, "Consuming", "PartitionOffsets.cs"),
            .. Directory.GetFiles(Path.Combine(tests, control, "Simulation", "Positions"), "*.cs"),
            Path.Combine(tests, control, "Simulation", "SimControlTopic.cs"),
            Path.Combine(tests, "EventSourcing", "Protocol", "Simulation", "SimRandom.cs"),
            Path.Combine(tests, "Consuming", "Dispatch", "Simulation", "SimRandomExtensions.cs"),
        ];
    }
}
