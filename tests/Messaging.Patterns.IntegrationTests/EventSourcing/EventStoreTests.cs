using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

public sealed class EventStoreTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task What_one_instance_appends_every_instance_reads()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes"));
        var instances = await StoreInstance.StartAllAsync(setup, setup, setup);

        foreach (var (instance, number) in instances.Select((instance, number) => (instance, number)))
        {
            var result = await instance.NoteAsync("1", $"from {number}", ExpectedVersion.Exactly(number));
            Assert.Equal(number + 1, result.Version);
        }

        foreach (var instance in instances)
        {
            Assert.Equal(["from 0", "from 1", "from 2"], (await instance.ReadAsync("1", ReadConsistency.Strong)).Texts());
        }

        await Task.WhenAll(instances.Select(instance => instance.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_writer_alone_and_a_reader_alone_share_the_log()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes"));
        await using var writer = await StoreInstance.StartAsync(setup with { Reads = false });
        await using var reader = await StoreInstance.StartAsync(setup with { Writes = false });

        var result = await writer.NoteAsync("1", "hello", ExpectedVersion.NoStream);

        Assert.Equal(["hello"], (await reader.ReadAsync("1", ReadConsistency.Session(result.Position))).Texts());
    }
}
