namespace Messaging.Patterns.TestServers;

/// <summary>Kafka's own command-line tools.</summary>
public static class KafkaTools
{
    /// <summary>Runs a tool against a cluster.</summary>
    /// <param name="bootstrapServers">The cluster.</param>
    /// <param name="script">The script's name, such as <c>kafka-topics.sh</c>.</param>
    /// <param name="arguments">Its arguments, without the address.</param>
    /// <param name="input">Its standard input.</param>
    public static async Task<ProcessResult> RunAsync(string bootstrapServers, string script, IEnumerable<string> arguments, string? input = null) =>
        await ProcessRunner.RunAsync(KafkaInstallation.Script(script), ["--bootstrap-server", bootstrapServers, .. arguments], input, await KafkaClasses.EnvironmentAsync());

    /// <summary>Lets a copy that is not in sync become leader, as an operator does who prefers losing records to waiting.</summary>
    /// <param name="bootstrapServers">The cluster.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <remarks>Not with an admin client: librdkafka 2.15 reports an election that fails as a whole twice, by which Confluent.Kafka destroys the client under its owner.</remarks>
    public static async Task<ProcessResult> ElectUncleanLeaderAsync(string bootstrapServers, string topic, int partition) => await ProcessRunner.RunAsync(
        KafkaInstallation.Script("kafka-run-class.sh"),
        [
            "org.apache.kafka.tools.LeaderElectionCommand", "--bootstrap-server", bootstrapServers,
            "--election-type", "unclean", "--topic", topic, "--partition", $"{partition}",
        ],
        environment: await KafkaClasses.EnvironmentAsync());
}
