using System.Collections.Immutable;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Messaging.Patterns.Tests;

/// <summary>A protocol and its simulator, compiled anew from sources in which a rule is broken on purpose.</summary>
/// <remarks>
/// So the code that is shipped is broken itself, and needs no switch for it. A change that no longer fits the source is an error: a mutant must not silently be
/// the original.
/// </remarks>
/// <param name="paths">The source files of both.</param>
/// <param name="originals">The assemblies that hold them as they are.</param>
internal sealed class MutantCompiler(IEnumerable<string> paths, IEnumerable<string> originals)
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

    private readonly Lazy<ImmutableDictionary<string, SyntaxTree>> _sources = new(() => Parse(paths));
    private readonly Lazy<List<PortableExecutableReference>> _references = new(() => FindReferences(originals));

    /// <summary>Compiles a mutant and returns one of its types.</summary>
    /// <param name="entry">The type's full name.</param>
    /// <param name="file">The source file.</param>
    /// <param name="original">What it says, exactly once.</param>
    /// <param name="broken">What the mutant says instead.</param>
    public Type Compile(string entry, string file, string original, string broken)
    {
        var source = _sources.Value[file].ToString();

        if (source.Split(original).Length != 2)
        {
            throw new InvalidOperationException($"{file} says {source.Split(original).Length - 1} times: {original}");
        }

        var mutated = CSharpSyntaxTree.ParseText(source.Replace(original, broken, StringComparison.Ordinal), ParseOptions, file);
        return Emit(entry, _sources.Value.SetItem(file, mutated).Values);
    }

    /// <summary>Compiles the sources as they are.</summary>
    public Type CompileOriginal(string entry) => Emit(entry, _sources.Value.Values);

    private Type Emit(string entry, IEnumerable<SyntaxTree> sources)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("Mutant", sources, _references.Value, options);
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        assembly.Position = 0;
        return new AssemblyLoadContext("mutant", isCollectible: true).LoadFromStream(assembly).GetType(entry, throwOnError: true)!;
    }

    private static ImmutableDictionary<string, SyntaxTree> Parse(IEnumerable<string> paths) => paths
        .ToImmutableDictionary(path => Path.GetFileName(path), path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), ParseOptions, path))
        .Add("usings", CSharpSyntaxTree.ParseText(GlobalUsings, ParseOptions));

    private static List<PortableExecutableReference> FindReferences(IEnumerable<string> originals)
    {
        var all = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return [.. all.Except(originals).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
