namespace Messaging.Patterns.TestServers;

/// <summary>A Kafka download.</summary>
internal static class KafkaInstallation
{
    /// <summary>Gets the folder of the download that KAFKA_HOME names, or <see langword="null"/>.</summary>
    public static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? Path.GetFullPath(home) : null;

    public static string Script(string name) =>
        Path.Combine(Home ?? throw new InvalidOperationException("KAFKA_HOME is not set."), "bin", name);
}
