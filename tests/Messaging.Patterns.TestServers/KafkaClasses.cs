using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Messaging.Patterns.TestServers;

/// <summary>
/// An archive of the classes that Kafka loads, laid out as the JVM keeps them: with it a node starts with little more than half of the processor time, and so does every
/// tool. It is made once, by a node that runs for nothing else, and kept beside the test program.
/// </summary>
internal static class KafkaClasses
{
    private static readonly Lazy<Task<string>> Options = new(PrepareAsync);

    /// <summary>Returns the environment by which a JVM of Kafka takes its classes from the archive, which is made first if there is none.</summary>
    public static async Task<Dictionary<string, string>> EnvironmentAsync() => EnvironmentOf(await Options.Value);

    private static Dictionary<string, string> EnvironmentOf(string options) => new() { ["KAFKA_OPTS"] = $"{Environment.GetEnvironmentVariable("KAFKA_OPTS")} {options}".Trim() };

    private static async Task<string> PrepareAsync()
    {
        var archive = Path.Combine(AppContext.BaseDirectory, $"kafka-{VersionOf(KafkaInstallation.Home!)}.jsa");

        if (!File.Exists(archive))
        {
            await MakeAsync(archive);
        }

        // A JVM that does not find the archive, or finds it made by another JVM, goes on without.
        return $"-XX:SharedArchiveFile={archive}";
    }

    // What the JVM has mapped must not change, and half of an archive crashes it: so it gets its name when it is complete. Of several that are made at once one stays.
    private static async Task MakeAsync(string archive)
    {
        var folder = Directory.CreateTempSubdirectory("kafka-classes-").FullName;

        try
        {
            var ports = FreePorts.Find(2);
            var unfinished = Path.Combine(folder, "classes.jsa");
            await using var node = new KafkaNode(folder, id: 1, ports[0], ports[1], zonePorts: []);
            await node.FormatAsync(KafkaCluster.NewClusterId(), [node], EnvironmentOf(""));
            node.Start(EnvironmentOf($"-XX:ArchiveClassesAtExit={unfinished}"));
            await node.WaitUntilOpenAsync();
            await node.StopAsync();

            if (File.Exists(unfinished))
            {
                var complete = $"{archive}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
                File.Copy(unfinished, complete, overwrite: true);
                File.Move(complete, archive, overwrite: true);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string VersionOf(string home) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{home} {Directory.GetLastWriteTimeUtc(Path.Combine(home, "libs")).Ticks}")))[..8];
}
