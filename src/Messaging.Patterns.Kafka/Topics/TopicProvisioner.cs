using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Consuming.Control;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Topics;

/// <summary>Creates and verifies topics. Waits for brokers as long as it takes.</summary>
internal sealed partial class TopicProvisioner(KafkaClients clients, TimeProvider time, ILogger<TopicProvisioner> logger)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Makes sure that a topic of streams is there and keeps the log contract.</summary>
    /// <exception cref="TopicContractException">It does not.</exception>
    public Task<ProvisionedTopic> EnsureLogTopicAsync(TopicSpecification topic, ProvisioningMode mode, CancellationToken cancellationToken) =>
        EnsureAsync(topic, mode, brokers => LogTopicContract.Of(topic, brokers, clients.BatchSize), cancellationToken);

    /// <summary>Makes sure that a topic is there, as specified.</summary>
    /// <exception cref="TopicContractException">It is not.</exception>
    public Task<ProvisionedTopic> EnsureTopicAsync(TopicSpecification topic, ProvisioningMode mode, CancellationToken cancellationToken) =>
        EnsureAsync(topic, mode, brokers => TopicContract.Of(topic, brokers), cancellationToken);

    /// <summary>Makes sure that a topic of dead letters is there and loses nothing.</summary>
    /// <exception cref="TopicContractException">It is not, or may.</exception>
    public Task<ProvisionedTopic> EnsureDeadLetterTopicAsync(TopicSpecification topic, ProvisioningMode mode, CancellationToken cancellationToken) =>
        EnsureAsync(topic, mode, brokers => DeadLetterTopicContract.Of(topic, brokers, clients.MaxMessageBytes), cancellationToken);

    /// <summary>Makes sure that a retry topic is there and loses nothing.</summary>
    /// <exception cref="TopicContractException">It is not, or may.</exception>
    public Task<ProvisionedTopic> EnsureRetryTopicAsync(TopicSpecification topic, int partitions, ProvisioningMode mode, CancellationToken cancellationToken) =>
        EnsureAsync(topic, mode, brokers => DeadLetterTopicContract.Of(topic, brokers, clients.MaxMessageBytes, partitions), cancellationToken);

    /// <summary>Makes sure that the control topic is there and loses nothing.</summary>
    /// <exception cref="TopicContractException">It is not, or may.</exception>
    public Task<ProvisionedTopic> EnsureControlTopicAsync(TopicSpecification topic, ProvisioningMode mode, CancellationToken cancellationToken) =>
        EnsureAsync(topic, mode, brokers => ControlTopicContract.Of(topic, brokers), cancellationToken);

    /// <summary>Makes sure that the topic for the notes of transactions is there and loses none.</summary>
    /// <exception cref="TopicContractException">It is not, or may.</exception>
    public Task<ProvisionedTopic> EnsureNotesTopicAsync(TopicSpecification topic, ProvisioningMode mode, CancellationToken cancellationToken) =>
        EnsureAsync(topic, mode, brokers => ControlTopicContract.Of(topic, brokers), cancellationToken);

    /// <summary>Waits until a topic is there that somebody else looks after.</summary>
    public async Task<ProvisionedTopic> WaitForTopicAsync(string name, CancellationToken cancellationToken)
    {
        var admin = new AdminSource(clients, time);
        await using var _ = admin.ConfigureAwait(false);
        var isSaid = false;

        while (true)
        {
            try
            {
                if (await FindAsync(admin, name, cancellationToken).ConfigureAwait(false) is { Topic: { } found })
                {
                    return new ProvisionedTopic(name, found.Partitions, found.Identity);
                }

                if (!isSaid)
                {
                    Log.Missing(logger, name);
                    isSaid = true;
                }
            }
            catch (KafkaException exception) when (!IsFinal(exception.Error.Code))
            {
                Log.Waiting(logger, clients.BootstrapServers, name, exception.Error.Reason);
                admin.Renew();
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ProvisionedTopic> EnsureAsync(
        TopicSpecification topic, ProvisioningMode mode, Func<int, TopicContract> contractFor, CancellationToken cancellationToken)
    {
        var admin = new AdminSource(clients, time);
        await using var _ = admin.ConfigureAwait(false);
        var isCreated = false;

        while (true)
        {
            try
            {
                var (brokers, found) = await FindAsync(admin, topic.Name, cancellationToken).ConfigureAwait(false);
                var contract = contractFor(brokers);

                if (found is null)
                {
                    isCreated = await CreateMissingAsync(admin, topic, mode, contract, isCreated, cancellationToken).ConfigureAwait(false);
                }
                else if (found.HasLeaders)
                {
                    var maxMessageBytes = await VerifyAsync(admin, topic, mode, contract, found, cancellationToken).ConfigureAwait(false);
                    return new ProvisionedTopic(topic.Name, found.Partitions, found.Identity, maxMessageBytes);
                }
                else
                {
                    Log.Waiting(logger, clients.BootstrapServers, topic.Name, "not every partition has a leader");
                }
            }
            catch (KafkaException exception) when (!IsFinal(exception.Error.Code))
            {
                Log.Waiting(logger, clients.BootstrapServers, topic.Name, exception.Error.Reason);
                admin.Renew();
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // An invalid replication factor is not among them: more brokers may be about to come up.
    private static bool IsFinal(ErrorCode code) => code is
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication
        or ErrorCode.InvalidPartitions or ErrorCode.InvalidConfig or ErrorCode.PolicyViolation;

    private Task<(int Brokers, FoundTopic? Topic)> FindAsync(AdminSource admin, string name, CancellationToken cancellationToken) =>
        clients.IsDevelopment ? FoundTopic.FindUnidentifiedAsync(admin, name, cancellationToken) : FoundTopic.FindAsync(admin, name, cancellationToken);

    /// <summary>Creates the topic if that is wanted, and returns whether it was created, by whomever.</summary>
    private async Task<bool> CreateMissingAsync(
        AdminSource admin, TopicSpecification topic, ProvisioningMode mode, TopicContract contract, bool isCreated, CancellationToken cancellationToken)
    {
        if (clients.IsDevelopment || isCreated)
        {
            return isCreated;
        }

        if (mode != ProvisioningMode.CreateOrVerify)
        {
            throw new TopicContractException(topic.Name, [$"it does not exist; create it, or let it be created with {nameof(ProvisioningMode)}.{ProvisioningMode.CreateOrVerify}."]);
        }

        if (await admin.AskAsync(client => TryCreateAsync(client, contract), cancellationToken).ConfigureAwait(false))
        {
            Log.Created(logger, topic.Name);
        }

        return true;
    }

    /// <summary>Creates the topic, and returns whether it did not exist yet.</summary>
    private static async Task<bool> TryCreateAsync(IAdminClient admin, TopicContract contract)
    {
        try
        {
            var options = new CreateTopicsOptions { RequestTimeout = RequestTimeout, OperationTimeout = RequestTimeout };
            await admin.CreateTopicsAsync([contract.ToCreate()], options).ConfigureAwait(false);
            return true;
        }
        catch (CreateTopicsException exception) when (exception.Results.All(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Another instance was faster; it is verified like any other.
            return false;
        }
        catch (CreateTopicsException exception)
        {
            throw new KafkaException(exception.Results[0].Error, exception);
        }
    }

    /// <summary>Compares the topic with its contract, and returns the most bytes that it takes as one record.</summary>
    private async Task<long?> VerifyAsync(
        AdminSource admin, TopicSpecification topic, ProvisioningMode mode, TopicContract contract, FoundTopic found, CancellationToken cancellationToken)
    {
        if (clients.IsDevelopment || mode == ProvisioningMode.None)
        {
            return null;
        }

        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic.Name };
        var options = new DescribeConfigsOptions { RequestTimeout = RequestTimeout };
        var described = await admin.AskAsync(client => client.DescribeConfigsAsync([resource], options), cancellationToken).ConfigureAwait(false);
        var configs = described[0].Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Value, StringComparer.Ordinal);
        var differences = contract.Compare(found.Partitions, found.Copies, configs).ToList();

        if (differences.Count > 0)
        {
            throw new TopicContractException(topic.Name, differences);
        }

        foreach (var warning in contract.Warnings)
        {
            Log.Weak(logger, topic.Name, warning);
        }

        return long.TryParse(configs.GetValueOrDefault("max.message.bytes"), CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1100, LogLevel.Warning, "Waiting for Kafka at {Servers} to look at topic {Topic}: {Reason}.")]
        public static partial void Waiting(ILogger logger, string servers, string topic, string reason);

        [LoggerMessage(1103, LogLevel.Warning, "Topic {Topic} does not exist; waiting for it to be created.")]
        public static partial void Missing(ILogger logger, string topic);

        [LoggerMessage(1101, LogLevel.Information, "Created topic {Topic}.")]
        public static partial void Created(ILogger logger, string topic);

        [LoggerMessage(1102, LogLevel.Warning, "Topic {Topic}: {Warning}")]
        public static partial void Weak(ILogger logger, string topic, string warning);
    }
}
