using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Mutants;

/// <summary>The protocol and its simulator with a rule broken on purpose.</summary>
internal static class Mutant
{
    private static readonly string Entry = typeof(MutantEntry).FullName!;
    private static readonly MutantCompiler Compiler = new(FindSources(), [typeof(Mutant).Assembly.Location, typeof(PartitionFold).Assembly.Location]);

    /// <summary>Compiles a mutant and returns its <see cref="MutantEntry"/>.</summary>
    /// <param name="file">The source file.</param>
    /// <param name="original">What it says, exactly once.</param>
    /// <param name="broken">What the mutant says instead.</param>
    public static Type Compile(string file, string original, string broken) => Compiler.Compile(Entry, file, original, broken);

    /// <summary>Compiles the sources as they are.</summary>
    public static Type CompileOriginal() => Compiler.CompileOriginal(Entry);

    private static IEnumerable<string> FindSources()
    {
        var library = Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns.Kafka");
        var tests = Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "EventSourcing", "Protocol", "Simulation");
        return
        [
            .. Directory.GetFiles(Path.Combine(library, "EventSourcing", "Protocol"), "*.cs"),
            .. Directory.GetFiles(tests, "*.cs"),
            Path.Combine(library, "EventSourcing", "Storage", "PartitionCheckpoint.cs"),
            Path.Combine(library, "Topics", "TopicIdentity.cs"),
        ];
    }
}
