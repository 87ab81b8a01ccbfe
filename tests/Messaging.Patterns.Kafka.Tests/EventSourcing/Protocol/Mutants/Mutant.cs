using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Mutants;

/// <summary>The protocol and its simulator, compiled anew from sources in which a rule is broken on purpose.</summary>
/// <remarks>
/// So the code that is shipped is broken itself, and needs no switch for it. A change that no longer fits the source is an error: a mutant must not silently be
/// the original.
/// </remarks>
internal static class Mutant
{
    private const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Xunit;
        """;

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);
    private static readonly Lazy<ImmutableDictionary<string, SyntaxTree>> Sources = new(Parse);
    private static readonly Lazy<List<PortableExecutableReference>> References = new(FindReferences);

    /// <summary>Compiles a mutant and returns its <see cref="MutantEntry"/>.</summary>
    /// <param name="file">The source file.</param>
    /// <param name="original">What it says, exactly once.</param>
    /// <param name="broken">What the mutant says instead.</param>
    public static Type Compile(string file, string original, string broken)
    {
        var source = Sources.Value[file].ToString();

        if (source.Split(original).Length != 2)
        {
            throw new InvalidOperationException($"{file} says {source.Split(original).Length - 1} times: {original}");
        }

        var mutated = CSharpSyntaxTree.ParseText(source.Replace(original, broken, StringComparison.Ordinal), ParseOptions, file);
        return Emit(Sources.Value.SetItem(file, mutated).Values);
    }

    /// <summary>Compiles the sources as they are.</summary>
    public static Type CompileOriginal() => Emit(Sources.Value.Values);

    private static Type Emit(IEnumerable<SyntaxTree> sources)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("Mutant", sources, References.Value, options);
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        assembly.Position = 0;
        return new AssemblyLoadContext("mutant", isCollectible: true).LoadFromStream(assembly).GetType(typeof(MutantEntry).FullName!, throwOnError: true)!;
    }

    private static ImmutableDictionary<string, SyntaxTree> Parse()
    {
        var library = Path.Combine(RepositoryFolder.Root, "src", "Messaging.Patterns.Kafka");
        var tests = Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "EventSourcing", "Protocol", "Simulation");
        return Directory.GetFiles(Path.Combine(library, "EventSourcing", "Protocol"), "*.cs")
            .Concat(Directory.GetFiles(tests, "*.cs"))
            .Append(Path.Combine(library, "EventSourcing", "Storage", "PartitionCheckpoint.cs"))
            .Append(Path.Combine(library, "Topics", "TopicIdentity.cs"))
            .ToImmutableDictionary(path => Path.GetFileName(path), path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), ParseOptions, path))
            .Add("usings", CSharpSyntaxTree.ParseText(GlobalUsings, ParseOptions));
    }

    private static List<PortableExecutableReference> FindReferences()
    {
        string[] others = [typeof(Mutant).Assembly.Location, typeof(PartitionFold).Assembly.Location];
        var all = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return [.. all.Except(others).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
