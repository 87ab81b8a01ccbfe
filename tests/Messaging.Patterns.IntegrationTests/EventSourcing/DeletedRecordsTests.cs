using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Somebody deleted the first records of an event topic, as a retention or <c>kafka-delete-records.sh</c> does.</summary>
public sealed class DeletedRecordsTests(OneNodeKafka kafka) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_process_that_has_not_folded_them_stops_instead_of_taking_a_stream_for_new(bool reads)
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes"));
        await using (var before = await StoreInstance.StartAsync(setup))
        {
            await before.NoteAsync("1", "first", ExpectedVersion.NoStream);
            var second = await before.NoteAsync("1", "second", ExpectedVersion.Exactly(1));
            await DeleteBeforeAsync(setup, second.Position);
        }

        await using var fresh = await StoreInstance.StartAsync(setup with { Reads = reads });

        var stop = await Assert.ThrowsAsync<EventStoreStoppedException>(fresh.ReadyAsync);
        Assert.Contains("records were deleted", stop.Message, StringComparison.Ordinal);
        Assert.Contains(setup.TopicName, stop.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_has_folded_them_goes_on()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("notes")) { Folder = _folder };
        await using (var before = await StoreInstance.StartAsync(setup))
        {
            var first = await before.NoteAsync("1", "first", ExpectedVersion.NoStream);
            await before.NoteAsync("1", "second", ExpectedVersion.Exactly(1));
            await DeleteBeforeAsync(setup, first.Position);
        }

        await using var again = await StoreInstance.StartAsync(setup);
        await again.ReadyAsync();

        Assert.Equal(["first", "second"], (await again.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    // Everything before the end of the position, so that the last record deleted is the one that the position covers last.
    private static async Task DeleteBeforeAsync(StoreSetup setup, Position position)
    {
        var part = Assert.Single(position.Parts);
        var partition = int.Parse(part[(part.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = setup.BootstrapServers }).Build();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(setup.TopicName, partition, position.Next(part))]);
    }
}
