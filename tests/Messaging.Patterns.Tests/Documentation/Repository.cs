namespace Messaging.Patterns.Tests.Documentation;

/// <summary>The files of the repository, found from where the tests run.</summary>
internal static class Repository
{
    public static string Root => RepositoryFolder.Root;

    /// <summary>Gets the pages that users read.</summary>
    public static IReadOnlyList<Page> Pages { get; } =
    [
        .. Directory.GetFiles(Root, "*.md")
            .Concat(Files("docs", "*.md"))
            .Concat(Files("src", "README.md"))
            .Concat(Files("samples", "*.md"))
            .Select(path => new Page(path)),
    ];

    /// <summary>Returns the files below a folder, without what a build wrote.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    public static string Read(string relativePath) => File.ReadAllText(Path.Combine(Root, relativePath));

    /// <summary>Fails with every fault in full.</summary>
    public static void AssertNone(IEnumerable<string> faults)
    {
        var found = string.Join('\n', faults.Distinct());
        Assert.True(found.Length == 0, found);
    }
}
