using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Protocol;
using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing.Simulation;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>The feed's cursor over simulated histories: nothing is missed, nothing comes twice, streams are in order. Then it is broken on purpose, and the histories notice it.</summary>
public sealed class FeedCursorTests
{
    private const int Seeds = 1_000;

    private static readonly string Entry = typeof(FeedSimulation).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(FeedCursorTests).Assembly.Location, typeof(FeedCursor).Assembly.Location]);

    [Fact]
    public void Nothing_is_missed_or_read_twice_and_streams_are_in_order() => Assert.Empty(FeedSimulation.FindViolations(0, 2 * Seeds));

    [Theory]
    [InlineData("what is visible is taken for final", "FeedCursor.cs", "snapshot.Oldest >= fence.Next", "snapshot.Oldest > 0")]
    [InlineData("the youngest transaction is not waited for", "FeedCursor.cs", "snapshot.Oldest >= fence.Next", "snapshot.Oldest + 1 >= fence.Next")]
    [InlineData("only transactions older than the oldest are waited for", "FeedCursor.cs", "new(snapshot.Highest, snapshot.Next)", "new(snapshot.Highest, snapshot.Oldest)")]
    [InlineData("a fence is put behind what is visible", "FeedCursor.cs", "new(snapshot.Highest, snapshot.Next)", "new(snapshot.Highest + 1, snapshot.Next)")]
    [InlineData("a fence that passes makes final what is visible by then", "FeedCursor.cs", "_final = fence.Number;", "_final = snapshot.Highest;")]
    [InlineData("a fence moves while it is waited for", "FeedCursor.cs", "_fences.Enqueue(new(snapshot.Highest, snapshot.Next));", "_fences.TryPeek(out var first); _fences.Clear(); _fences.Enqueue(new(snapshot.Highest, first.Next > 0 ? first.Next : snapshot.Next));")]
    [InlineData("a read that ends begins with what is final", "FeedCursor.cs", "_end ??= snapshot.Highest;", "_end ??= Math.Max(0, snapshot.Highest - (long)(snapshot.Next - snapshot.Oldest));")]
    [InlineData("the last number is left out", "FeedCursor.cs", "Next = Math.Max(Next, Last + 1)", "Next = Math.Max(Next, Last + 2)")]
    [InlineData("the last number is read again", "FeedCursor.cs", "Next = Math.Max(Next, Last + 1)", "Next = Math.Max(Next, Last)")]
    [InlineData("the fence is the end of the snapshot", "SimEventDatabase.cs", "highest > known ? TakeId() : 0", "end")]
    [InlineData("the number is drawn before the transaction has its id", "SimEventDatabase.cs", "one.Transaction ??= _nextTransaction++;\n        one.Drawn = _nextNumber++;", "one.Drawn = _nextNumber++;")]
    [InlineData("streams are not locked", "SimEventDatabase.cs", "other != one && other.Locked.Contains(stream)", "other != one && other.Drawn is not null && other.Locked.Contains(stream)")]
    public void A_broken_cursor_is_caught(string what, string file, string original, string broken)
    {
        var entry = Compiler.Compile(Entry, file, original, broken);

        Assert.True(FindViolations(entry, Seeds).Length > 0, $"The mutant in which {what} passes {Seeds} histories.");
    }

    /// <summary>So that nothing is caught because of how mutants are compiled and run.</summary>
    [Fact]
    public void The_cursor_as_it_is_passes() => Assert.Empty(FindViolations(Compiler.CompileOriginal(Entry), 100));

    private static string FindViolations(Type entry, int seeds) => (string)entry.GetMethod(nameof(FeedSimulation.FindViolations))!.Invoke(null, [0, seeds])!;

    private static IEnumerable<string> FindSources() =>
    [
        .. Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns.EntityFrameworkCore", "EventSourcing", "Protocol"), "*.cs"),
        .. Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.EntityFrameworkCore.Tests", "EventSourcing", "Simulation"), "*.cs"),
        Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "EventSourcing", "Protocol", "Simulation", "SimRandom.cs"),
    ];
}
