using Messaging.Patterns.EventSourcing.Copying.Protocol;
using Messaging.Patterns.Tests.EventSourcing.Copying.Simulation;

namespace Messaging.Patterns.Tests.EventSourcing.Copying;

/// <summary>A copy over simulated histories: versions are kept, nothing is doubled or left out, whenever it ends and begins again. Then it is broken on purpose, and the histories notice it.</summary>
public sealed class CopySimulationTests
{
    private const int Seeds = 1_000;

    private static readonly string Entry = typeof(CopySimulation).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(CopySimulationTests).Assembly.Location, typeof(CopyWindow).Assembly.Location]);

    [Fact]
    public void Versions_are_kept_and_nothing_is_doubled_or_left_out_whenever_a_copy_ends_and_begins_again() => Assert.Empty(CopySimulation.FindViolations(0, 2 * Seeds));

    [Theory]
    [InlineData("the next append of a stream does not wait", "CopyWindow.cs", "chain.Enqueue(append);\n            return false;", "return true;")]
    [InlineData("the next append of a stream never gets its turn", "CopyWindow.cs", "return next;", "return null;")]
    [InlineData("a stream is taken for free although an append is under way", "CopyWindow.cs", "_waiting.Add(append.Stream, new Queue<CopiedAppend>());", "")]
    [InlineData("the place moves behind what is still under way", "CopyWindow.cs", "&& first.IsDone)", "&& (first.IsDone || append.IsDone))")]
    [InlineData("the place moves to what was done last", "CopyWindow.cs", "append.IsDone = true;", "append.IsDone = true; Position = Position.Merge(append.Position);")]
    [InlineData("the place moves when an append is begun", "CopyWindow.cs", "_inOrder.Enqueue(append);", "_inOrder.Enqueue(append); Position = Position.Merge(append.Position);")]
    [InlineData("appends of a stream that follow each other become one", "AppendGrouping.cs", "one.Position.Equals(next.Position) && one.AppendId == next.AppendId && ", "")]
    [InlineData("events of one append are appended one by one", "AppendGrouping.cs", "one.Version + 1 == next.Version", "one.Version == next.Version")]
    [InlineData("the last append is left out", "AppendGrouping.cs", "events.Count > 0 ? new CopiedAppend(events) : null", "null")]
    [InlineData("a conflict is taken for somebody else's", "CopyRule.cs", ": CopyVerdict.Compare", ": CopyVerdict.Foreign")]
    [InlineData("a version that is missing is passed over", "CopyRule.cs", "? CopyVerdict.Gap", "? CopyVerdict.Copied")]
    [InlineData("a result is taken for somebody else's", "CopyRule.cs", "version == append.LastVersion", "version == append.FirstVersion")]
    [InlineData("an append gets another id each time", "CopiedAppend.cs", "? id :", "? AppendId.New() :")]
    [InlineData("an append without id gets another one each time", "CopiedAppend.cs", ": AppendId.From($\"{Stream}@{FirstVersion}\")", ": AppendId.New()")]
    public void A_broken_copy_is_caught(string what, string file, string original, string broken)
    {
        var entry = Compiler.Compile(Entry, file, original, broken);

        Assert.True(FindViolations(entry, Seeds).Length > 0, $"The mutant in which {what} passes {Seeds} histories.");
    }

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_copy_as_it_is_passes() => Assert.Empty(FindViolations(Compiler.CompileOriginal(Entry), 100));

    private static string FindViolations(Type entry, int seeds) => (string)entry.GetMethod(nameof(CopySimulation.FindViolations))!.Invoke(null, [0, seeds])!;

    private static IEnumerable<string> FindSources() =>
    [
        .. Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns", "EventSourcing", "Copying", "Protocol"), "*.cs"),
        .. Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Tests", "EventSourcing", "Copying", "Simulation"), "*.cs"),
        Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "EventSourcing", "Protocol", "Simulation", "SimRandom.cs"),
    ];
}
