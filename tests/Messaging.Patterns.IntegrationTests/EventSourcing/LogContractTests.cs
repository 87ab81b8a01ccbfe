using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>A topic that breaks the log contract is refused at the start, or stops the store, with every difference named.</summary>
public sealed class LogContractTests(OneNodeKafka kafka, ThreeNodeKafka three)
{
    [Fact]
    public async Task Every_setting_that_breaks_the_contract_is_named_at_once_with_its_remedy()
    {
        var setup = await SetupAsync(new() { ["cleanup.policy"] = "compact", ["retention.ms"] = "1000", ["unclean.leader.election.enable"] = "true", ["max.message.bytes"] = "5000" });

        var differences = (await RefusedAsync(setup)).Differences;

        Assert.Equal(5, differences.Count);
        Assert.Contains(differences, text => text.Contains("'cleanup.policy' is 'compact', expected 'delete'", StringComparison.Ordinal) && text.Contains("--alter --add-config cleanup.policy=delete", StringComparison.Ordinal));
        Assert.Contains(differences, text => text.Contains("'retention.ms' is '1000', expected '-1'", StringComparison.Ordinal));
        Assert.Contains(differences, text => text.Contains("'message.timestamp.type' is 'CreateTime', expected 'LogAppendTime'", StringComparison.Ordinal));
        Assert.Contains(differences, text => text.Contains("'unclean.leader.election.enable' is 'true', expected 'false'", StringComparison.Ordinal));
        Assert.Contains(differences, text => text.Contains("'max.message.bytes' is '5000', expected at least", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_few_copies_and_too_few_in_sync_are_refused_where_there_are_enough_brokers()
    {
        var servers = await three.GetAsync();
        var topic = await KafkaTopics.CreateAsync(servers, "contract", 4, new(Topics.Contract) { ["min.insync.replicas"] = "1" }, replication: 1);

        var differences = (await RefusedAsync(new(servers, topic))).Differences;

        Assert.Equal(2, differences.Count);
        Assert.Contains(differences, text => text.Contains("it has 1 copies, expected at least 3", StringComparison.Ordinal));
        Assert.Contains(differences, text => text.Contains("'min.insync.replicas' is '1', expected at least 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_partition_count_than_specified_is_refused()
    {
        var setup = (await SetupAsync(Topics.Contract)) with { Topic = topic => topic.Partitions = 6 };

        Assert.Contains("it has 4 partitions, expected 6", Assert.Single((await RefusedAsync(setup)).Differences), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_topic_is_refused_where_topics_are_only_verified()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("contract")) { Store = store => store.Provisioning = ProvisioningMode.Verify };

        Assert.Contains("it does not exist", Assert.Single((await RefusedAsync(setup)).Differences), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_empty_partition_gets_a_record_that_names_the_partition_count()
    {
        var setup = await SetupAsync(Topics.Contract);
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.ReadyAsync();

        var records = RawLog.Read(setup.BootstrapServers, setup.TopicName);

        Assert.Equal([0, 1, 2, 3], records.Select(record => record.Partition.Value));
        Assert.All(records, record => Assert.Contains("\"logpartitions\":4", Encoding.UTF8.GetString(record.Message.Value), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_topic_that_was_given_partitions_while_the_process_was_down_is_refused(bool isRestored)
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync(Topics.Contract)) with { Folder = folder.Path, Topic = _ => { } };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "before");
        }

        await Topics.AddPartitionsAsync(setup.BootstrapServers, setup.TopicName, 6);

        var stopped = await StoppedAsync(isRestored ? setup : setup with { Folder = null });
        Assert.Contains("the topic had 4 partitions", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_is_given_partitions_stops_the_running_store()
    {
        var setup = (await SetupAsync(Topics.Contract)) with { Topic = _ => { }, Store = store => store.TopicCheckInterval = TimeSpan.FromMilliseconds(100) };
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "before");

        await Topics.AddPartitionsAsync(setup.BootstrapServers, setup.TopicName, 6);

        var stopped = await UntilStoppedAsync(instance);
        Assert.Contains("the topic had 4 partitions, and now it has 6", stopped.Message, StringComparison.Ordinal);
        Assert.Contains(setup.TopicName, stopped.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventStoreStoppedException>(() => instance.ReadAsync("1", ReadConsistency.Local));
        var health = await instance.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains("6", health.Entries["kafka-event-store"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_that_is_deleted_and_created_anew_stops_the_running_store()
    {
        var setup = (await SetupAsync(Topics.Contract)) with { Store = store => store.TopicCheckInterval = TimeSpan.FromMilliseconds(100) };
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "before");

        await Topics.RecreateAsync(setup.BootstrapServers, setup.TopicName, 4);

        await UntilStoppedAsync(instance);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_topic_that_was_recreated_with_the_very_same_records_is_told_by_its_id(bool isReader)
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync(Topics.Contract)) with { Folder = folder.Path, Reads = isReader, Writer = writer => writer.CheckpointPath = "versions" };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "before");
        }

        var log = RawLog.Read(setup.BootstrapServers, setup.TopicName);
        await Topics.RecreateAsync(setup.BootstrapServers, setup.TopicName, 4);
        RawLog.Repeat(setup.BootstrapServers, log);

        // Offsets, frames and partition count are what they were; twice, since a refused start must change nothing.
        for (var start = 0; start < 2; start++)
        {
            var stopped = await StoppedAsync(setup);
            Assert.Contains("the topic was deleted and created anew, or the address leads to another cluster", stopped.Message, StringComparison.Ordinal);
            Assert.Contains("delete the read store or checkpoint of this process", stopped.Message, StringComparison.Ordinal);
        }

        folder.Clear();
        await using var rebuilt = await StoreInstance.StartAsync(setup);
        Assert.Equal(2, (await rebuilt.NoteAsync("1", "goes on", ExpectedVersion.Exactly(1))).Version);
    }

    [Fact]
    public async Task A_topic_that_is_recreated_with_more_records_than_before_stops_every_running_instance()
    {
        var setup = (await SetupAsync(Topics.Contract)) with { Store = store => store.TopicCheckInterval = TimeSpan.FromMilliseconds(100) };
        await using var instance = await StoreInstance.StartAsync(setup);
        await using var writer = await StoreInstance.StartAsync(setup with { Reads = false });
        await using var reader = await StoreInstance.StartAsync(setup with { Writes = false });
        await instance.NoteAsync("1", "before");
        StoreInstance[] instances = [instance, writer, reader];
        await Task.WhenAll(instances.Select(one => one.ReadyAsync()));
        var log = RawLog.Read(setup.BootstrapServers, setup.TopicName);

        await Topics.RecreateAsync(setup.BootstrapServers, setup.TopicName, 4);
        RawLog.Repeat(setup.BootstrapServers, [.. log, .. log, .. log]);

        // Nobody appends or reads: they find out by themselves.
        foreach (var partition in instances.SelectMany(one => one.EventLog.Topics.Single().All))
        {
            while (partition.Failure is null)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_topic_that_was_deleted_and_created_anew_while_the_process_was_down_is_refused_until_the_operator_rebuilds(bool isReader)
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync(Topics.Contract)) with { Folder = folder.Path, Reads = isReader, Writer = writer => writer.CheckpointPath = "versions" };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "before");
        }

        await Topics.RecreateAsync(setup.BootstrapServers, setup.TopicName, 4);
        await using (var other = await StoreInstance.StartAsync(setup with { Folder = null }))
        {
            await other.NoteAsync("1", "of another log");
        }

        // Twice: a start that is refused leaves nothing behind that the next one would take for a reason to go on.
        await StoppedAsync(setup);
        await StoppedAsync(setup);

        folder.Clear();
        await using var rebuilt = await StoreInstance.StartAsync(setup);
        Assert.Equal(2, (await rebuilt.NoteAsync("1", "goes on", ExpectedVersion.Exactly(1))).Version);
    }

    [Fact]
    public async Task Records_deleted_beyond_what_a_process_has_folded_stop_it()
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync(Topics.Contract)) with { Folder = folder.Path };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "folded");
        }

        Position end;
        await using (var other = await StoreInstance.StartAsync(setup with { Folder = null }))
        {
            await other.NoteAsync("1", "not folded");
            end = (await other.NoteAsync("1", "nor this")).Position;
        }

        var part = end.Parts.Single();
        await Topics.DeleteRecordsAsync(setup.BootstrapServers, setup.TopicName, int.Parse(part[^1..], System.Globalization.CultureInfo.InvariantCulture), end.Next(part) - 1);

        Assert.Contains("records were deleted that this process has not folded", (await StoppedAsync(setup)).Message, StringComparison.Ordinal);
    }

    private static async Task<TopicContractException> RefusedAsync(StoreSetup setup)
    {
        await using var instance = await StoreInstance.StartAsync(setup);
        var exception = await Assert.ThrowsAsync<TopicContractException>(instance.ReadyAsync);
        await Assert.ThrowsAsync<TopicContractException>(() => instance.NoteAsync("1", "refused").AsTask());
        await instance.Stopping.WaitAsync();
        return exception;
    }

    private static async Task<EventStoreStoppedException> StoppedAsync(StoreSetup setup)
    {
        await using var instance = await StoreInstance.StartAsync(setup);
        var exception = await Assert.ThrowsAsync<EventStoreStoppedException>(instance.ReadyAsync);
        await instance.Stopping.WaitAsync();
        return exception;
    }

    private static async Task<EventStoreStoppedException> UntilStoppedAsync(StoreInstance instance)
    {
        while (true)
        {
            try
            {
                await instance.NoteAsync("1", "until it stops", options: new() { Timeout = TimeSpan.FromSeconds(2) });
            }
            catch (EventStoreStoppedException exception)
            {
                return exception;
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // The topic may be away for a moment.
            }
        }
    }

    private async Task<StoreSetup> SetupAsync(Dictionary<string, string> configs)
    {
        var servers = await kafka.GetAsync();
        return new(servers, await KafkaTopics.CreateAsync(servers, "contract", 4, configs));
    }
}
