using System.Runtime.InteropServices;

namespace Messaging.Patterns.Packages.Tests;

public sealed class ReferenceDirectionTests
{
    /// <summary>Every arrow that is allowed beside those to the runtime itself; a trailing dot allows a family.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Messaging.Patterns.Abstractions"] = [],
        ["Messaging.Patterns"] = ["Messaging.Patterns.Abstractions", "Microsoft.Extensions.", "Polly.Core"],
        ["Messaging.Patterns.Kafka"] =
            ["Messaging.Patterns.Abstractions", "Messaging.Patterns", "Microsoft.Extensions.", "Confluent.Kafka", "SQLitePCLRaw.", "System.IO.Hashing"],
        ["Messaging.Patterns.EntityFrameworkCore"] =
            ["Messaging.Patterns.Abstractions", "Messaging.Patterns", "Microsoft.Extensions.", "Microsoft.EntityFrameworkCore."],
        ["Messaging.Patterns.EntityFrameworkCore.PostgreSql"] =
            ["Messaging.Patterns.Abstractions", "Messaging.Patterns", "Messaging.Patterns.EntityFrameworkCore", "Microsoft.Extensions.", "Microsoft.EntityFrameworkCore.", "Npgsql."],
        ["Messaging.Patterns.Testing"] = ["Messaging.Patterns.Abstractions", "Messaging.Patterns", "Microsoft.Extensions.", "Confluent.Kafka"],
    };

    [Fact]
    public void Every_package_references_only_what_the_design_allows()
    {
        var wrong =
            from package in Package.All
            from reference in package.Assembly.GetReferencedAssemblies()
            let name = reference.Name!
            where !IsRuntime(name) && !Allowed.GetValueOrDefault(package.Name, []).Any(allowed => Matches(name, allowed))
            select $"{package.Name} -> {name}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_package_has_its_place_in_the_design() =>
        Assert.Equal(Package.All.Select(package => package.Name).Order(), Allowed.Keys.Order());

    private static bool Matches(string name, string allowed) => name == allowed.TrimEnd('.') || (allowed.EndsWith('.') && name.StartsWith(allowed, StringComparison.Ordinal));

    private static bool IsRuntime(string name) => File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), $"{name}.dll"));
}
