namespace Messaging.Patterns.TestServers;

/// <summary>The server programs of PostgreSQL that are installed on this machine.</summary>
internal static class PostgreSqlInstallation
{
    private const string Root = "/usr/lib/postgresql";

    /// <summary>Gets the folder of the newest version's programs, or <see langword="null"/>.</summary>
    public static string? Programs { get; } = (Directory.Exists(Root) ? Directory.GetDirectories(Root) : [])
        .Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
        .OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
        .Select(version => Path.Combine(version, "bin"))
        .FirstOrDefault();

    /// <summary>Gets the user that servers run as, since they refuse to run as root; <see langword="null"/> where tests do not run as root.</summary>
    public static string? User { get; } = Environment.IsPrivilegedProcess ? "postgres" : null;

    public static string Program(string name) => Path.Combine(Programs ?? throw new InvalidOperationException($"PostgreSQL is not installed below {Root}."), name);
}
