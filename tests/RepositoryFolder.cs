namespace Messaging.Patterns;

/// <summary>Where the repository lies, for tests about the repository itself.</summary>
internal static class RepositoryFolder
{
    /// <summary>Gets the path of its root.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Messaging.Patterns.sln"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository."));
}
