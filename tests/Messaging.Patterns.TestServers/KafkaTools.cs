namespace Messaging.Patterns.TestServers;

/// <summary>Kafka's own command-line tools.</summary>
public static class KafkaTools
{
    /// <summary>Runs a tool against a cluster.</summary>
    /// <param name="bootstrapServers">The cluster.</param>
    /// <param name="script">The script's name, such as <c>kafka-topics.sh</c>.</param>
    /// <param name="arguments">Its arguments, without the address.</param>
    /// <param name="input">Its standard input.</param>
    public static Task<ProcessResult> RunAsync(string bootstrapServers, string script, IEnumerable<string> arguments, string? input = null) =>
        ProcessRunner.RunAsync(KafkaInstallation.Script(script), ["--bootstrap-server", bootstrapServers, .. arguments], input);
}
