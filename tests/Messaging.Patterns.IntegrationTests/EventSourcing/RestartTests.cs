using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>Processes that start again, from what they kept or from nothing.</summary>
public sealed class RestartTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task A_writer_with_a_checkpoint_goes_on_where_it_stopped_and_knows_its_appends()
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path, Reads = false, Writer = writer => writer.CheckpointPath = "versions" };
        var id = AppendId.From("request 1");
        AppendResult first;
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            first = await instance.NoteAsync("1", "once", options: new() { Id = id });
            await instance.NoteAsync("1", "twice");
        }

        await using var restarted = await StoreInstance.StartAsync(setup);

        Assert.Equal(first, await restarted.NoteAsync("1", "once", options: new() { Id = id }));
        Assert.Equal(3, (await restarted.NoteAsync("1", "three", ExpectedVersion.Exactly(2))).Version);
        Assert.Contains(restarted.Log.Entries, entry => entry.Id == 1300 && entry.Text.EndsWith(": 0 records to go.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_writer_that_ends_before_its_topics_are_ready_keeps_its_checkpoint()
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path, Reads = false, Writer = writer => writer.CheckpointPath = "versions" };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "once");
        }

        var unreachable = $"127.0.0.1:{FreePorts.Find(1)[0]}";
        await using (await StoreInstance.StartAsync(setup with { BootstrapServers = unreachable }))
        {
        }

        await using var restarted = await StoreInstance.StartAsync(setup);
        await restarted.ReadyAsync();
        Assert.Contains(restarted.Log.Entries, entry => entry.Id == 1300 && entry.Text.EndsWith(": 0 records to go.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, 1342)]
    [InlineData(false, 1341)]
    public async Task A_local_file_that_cannot_be_read_is_rebuilt_from_the_log(bool isReader, int logged)
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path, Reads = isReader, Writer = writer => writer.CheckpointPath = "versions", Reader = reader => reader.StorePath = "store.db" };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.NoteAsync("1", "once");
        }

        var file = Path.Combine(folder.Path, isReader ? "store.db" : "versions");
        await File.WriteAllTextAsync(file, new string('?', 5_000), TestContext.Current.CancellationToken);

        await using var rebuilt = await StoreInstance.StartAsync(setup);
        Assert.Equal(2, (await rebuilt.NoteAsync("1", "twice", ExpectedVersion.Exactly(1))).Version);
        Assert.Contains(rebuilt.Log.Entries, entry => entry.Id == logged);
    }

    [Fact]
    public async Task A_read_store_that_another_process_uses_is_refused()
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path };
        await using (var first = await StoreInstance.StartAsync(setup))
        {
            var exception = await Assert.ThrowsAsync<SqliteStoreException>(() => StoreInstance.StartAsync(setup));
            Assert.Contains("another process uses it", exception.Message, StringComparison.Ordinal);
            Assert.Equal(1, (await first.NoteAsync("1", "undisturbed")).Version);
        }

        await using var second = await StoreInstance.StartAsync(setup);
        Assert.Single(await second.ReadAsync("1", ReadConsistency.Strong));
    }

    [Fact]
    public async Task An_append_repeated_with_its_id_through_another_instance_answers_the_first_result()
    {
        var setup = await SetupAsync();
        var instances = await StoreInstance.StartAllAsync(setup, setup with { Reads = false });
        var options = new AppendOptions { Id = AppendId.From("request 7") };

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => instances[number % 2].NoteAsync("1", "once", options: options).AsTask()));
        var later = await instances[1].NoteAsync("1", "once", ExpectedVersion.NoStream, options);

        Assert.All([.. results, later], result => Assert.Equal(results[0], result));
        Assert.Single(await instances[0].ReadAsync("1", ReadConsistency.Strong));
        await Task.WhenAll(instances.Select(instance => instance.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_stream_of_100000_events_in_a_topic_of_100_partitions_is_read_back_whole_and_after_a_restart()
    {
        const int Batches = 100;
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path, Topic = topic => topic.Partitions = 100 };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                var events = Enumerable.Range(batch * 1_000, 1_000).Select(number => new EventData(new Noted($"{number}"))).ToList();
                await instance.Writer.AppendAsync(new("note", "1"), ExpectedVersion.Exactly(batch * 1_000), events, cancellationToken: TestContext.Current.CancellationToken);
            }

            await Task.WhenAll(Enumerable.Range(2, 200).Select(number => instance.NoteAsync($"{number}", "small").AsTask()));
            await ReadBackAsync(instance);
        }

        await using var restored = await StoreInstance.StartAsync(setup);
        await ReadBackAsync(restored);
        Assert.Contains(restored.Log.Entries, entry => entry.Id == 1300 && entry.Text.EndsWith(": 0 records to go.", StringComparison.Ordinal));
        Assert.Equal(100_200, await restored.Feed.ReadAllAsync(Position.Start, new() { Raw = true }, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
    }

    private static async Task ReadBackAsync(StoreInstance instance)
    {
        var events = await instance.ReadAsync("1", ReadConsistency.Strong);
        Assert.Equal(Enumerable.Range(0, 100_000).Select(number => $"{number}"), events.Texts());
        Assert.Equal(Enumerable.Range(99_001, 1_000).Select(version => (long)version), (await instance.ReadAsync("1", new StreamReadOptions { FromVersion = 99_001 })).Select(recorded => recorded.Version));
        Assert.Equal(3, (await instance.ReadAsync("1", new StreamReadOptions { FromVersion = 1_500, MaxCount = 3 })).Count);
    }

    private async Task<StoreSetup> SetupAsync() => new(await kafka.GetAsync(), KafkaTopics.UniqueName("restart"));
}
