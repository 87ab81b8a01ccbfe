using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design.Internal;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Model;

/// <summary>Does what <c>dotnet ef migrations add</c> does, and compiles what comes out.</summary>
internal sealed class Migrations(string name)
{
    private readonly List<string> _sources = [];

    /// <summary>Gets the migrations so far, to be given to a context's options.</summary>
    public Assembly Assembly { get; private set; } = Compile(name, 0, []);

    /// <summary>Adds a migration to what a context's model is now.</summary>
    /// <returns>The migration's code.</returns>
    [SuppressMessage("Usage", "EF1001", Justification = "The tool itself does the same.")]
    public string Add(DbContext context, string migration)
    {
        var services = new DesignTimeServicesBuilder(context.GetType().Assembly, context.GetType().Assembly, new OperationReporter(null), []).CreateServiceCollection(context).BuildServiceProvider();
        using var scope = services.CreateScope();
        var scaffolded = scope.ServiceProvider.GetRequiredService<IMigrationsScaffolder>().ScaffoldMigration(migration, "Test");
        _sources.RemoveAll(source => source.Contains(": ModelSnapshot", StringComparison.Ordinal));
        _sources.AddRange([scaffolded.MigrationCode, scaffolded.MetadataCode, scaffolded.SnapshotCode]);
        Assembly = Compile(name, _sources.Count, _sources);
        return scaffolded.MigrationCode;
    }

    private static Assembly Compile(string name, int version, List<string> sources)
    {
        var references = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic && assembly.Location.Length > 0)
            .Select(assembly => MetadataReference.CreateFromFile(assembly.Location));
        var compilation = CSharpCompilation.Create(
            $"{name}{version}", sources.Append("global using System;").Select(source => CSharpSyntaxTree.ParseText(source)), references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)));
        bytes.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(bytes);
    }
}
