using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>What linearizable reads write to the log, and what they cost others.</summary>
public sealed class LinearizableReadTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task A_process_that_only_reads_writes_barriers_too()
    {
        var setup = await SetupAsync();
        await using var writer = await StoreInstance.StartAsync(setup with { Reads = false });
        await using var reader = await StoreInstance.StartAsync(setup with { Writes = false });

        for (var version = 1; version <= 5; version++)
        {
            await writer.NoteAsync("1", $"{version}");
            Assert.Equal(version, (await reader.ReadAsync("1", ReadConsistency.Linearizable)).Count);
        }

        Assert.Equal(5 + 1, CountBarriers(setup));
        Assert.Equal(6, (await writer.NoteAsync("1", "goes on", ExpectedVersion.Exactly(5))).Version);
    }

    [Fact]
    public async Task Reads_that_begin_while_a_barrier_is_on_its_way_share_the_next_one()
    {
        var setup = await SetupAsync();
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.NoteAsync("1", "first");
        var before = CountBarriers(setup);

        var reads = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => instance.ReadAsync("1", ReadConsistency.Linearizable)));

        Assert.All(reads, events => Assert.Single(events));
        Assert.InRange(CountBarriers(setup) - before, 1, 500);
    }

    [Fact]
    public async Task Reads_that_write_barriers_do_not_keep_the_tail_from_resting()
    {
        var setup = await SetupAsync();
        await using var instance = await StoreInstance.StartAsync(setup);
        var version = 0;

        // An append and a read by turns: were the barriers anybody's, no thirty-two frames in a row would ever be this writer's own.
        do
        {
            await instance.NoteAsync("1", "own", ExpectedVersion.Exactly(version++));
            Assert.Equal(version, (await instance.ReadAsync("1", ReadConsistency.Linearizable)).Count);
        }
        while (!PartitionOf(instance).IsResting);
    }

    [Fact]
    public async Task A_read_wakes_a_tail_that_rests_and_sees_what_others_appended_meanwhile()
    {
        var setup = await SetupAsync();
        var instances = await StoreInstance.StartAllAsync(setup, setup);
        var (one, other) = (instances[0], instances[1]);
        var version = 0;

        for (var turn = 0; turn < 5; turn++)
        {
            do
            {
                await one.NoteAsync("1", "own", ExpectedVersion.Exactly(version++));
            }
            while (!PartitionOf(one).IsResting);

            await other.NoteAsync("1", "other", ExpectedVersion.Exactly(version++));
            Assert.Equal(version, (await one.ReadAsync("1", ReadConsistency.Linearizable)).Count);
        }

        await one.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task A_barrier_that_the_brokers_refuse_for_good_ends_the_read_with_the_reason()
    {
        var servers = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(servers, "barriers", 1, new(Topics.Contract) { ["max.message.bytes"] = "100" });
        await using var reader = await StoreInstance.StartAsync(new(servers, topic) { Writes = false, Store = store => store.Provisioning = ProvisioningMode.None });

        var exception = await Assert.ThrowsAsync<MessagingException>(() => reader.ReadAsync("1", ReadConsistency.Linearizable));

        Assert.False(exception.IsTransient);
        Assert.Contains($"topic '{topic}', partition 0", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.MsgSizeTooLarge, Assert.IsType<KafkaException>(exception.InnerException).Error.Code);
        Assert.Empty(await reader.ReadAsync("1", ReadConsistency.Strong));
    }

    private static LogPartition PartitionOf(StoreInstance instance) => instance.EventLog.Topics.Single().All.Single();

    private static int CountBarriers(StoreSetup setup) =>
        RawLog.Read(setup.BootstrapServers, setup.TopicName).Count(record => Encoding.UTF8.GetString(record.Message.Key) == "barrier");

    private async Task<StoreSetup> SetupAsync() =>
        new(await kafka.GetAsync(), KafkaTopics.UniqueName("barriers")) { Topic = topic => topic.Partitions = 1 };
}
