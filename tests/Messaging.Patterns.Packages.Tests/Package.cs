using System.Reflection;
using System.Xml.Linq;

namespace Messaging.Patterns.Packages.Tests;

/// <summary>A package of this repository: a folder below <c>src</c> and the assembly that it builds.</summary>
public sealed class Package(string folder)
{
    /// <summary>Gets all packages. One that is added to <c>src</c> is found without being named anywhere.</summary>
    public static IReadOnlyList<Package> All { get; } =
        [.. Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(file => new Package(Path.GetDirectoryName(file)!)).OrderBy(package => package.Name, StringComparer.Ordinal)];

    /// <summary>Gets the package's name, which is also its assembly's.</summary>
    public string Name { get; } = Path.GetFileName(folder);

    /// <summary>Gets the package's assembly.</summary>
    public Assembly Assembly => Assembly.Load(new AssemblyName(Name));

    /// <summary>Gets the project file.</summary>
    public XDocument Project => XDocument.Load(Path.Combine(folder, $"{Name}.csproj"));

    /// <summary>Gets the text that the package shows on a feed.</summary>
    public string ReadMe => File.ReadAllText(Path.Combine(folder, "README.md"));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
