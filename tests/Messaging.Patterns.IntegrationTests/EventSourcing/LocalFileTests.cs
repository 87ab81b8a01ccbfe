using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>The read store's file on a full disk, and damaged while it is in use: the store stops with the remedy, goes on after it, and no event is missing.</summary>
public sealed class LocalFileTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task A_full_disk_stops_the_store_and_once_there_is_room_it_goes_on_with_every_event()
    {
        using var disk = await SmallDisk.MountAsync("3m");
        var setup = (await SetupAsync()) with { Reader = reader => reader.StorePath = Path.Combine(disk.Path, "store.db") };
        var text = new string('x', 20_000);
        var acknowledged = 0;
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            var stopped = await Assert.ThrowsAnyAsync<MessagingException>(async () =>
            {
                while (true)
                {
                    await instance.NoteAsync("1", text);
                    acknowledged++;
                }
            });

            // The append that was under way when the store stopped may have been accepted.
            stopped = stopped as EventStoreStoppedException ?? await Assert.ThrowsAsync<EventStoreStoppedException>(() => instance.NoteAsync("1", "refused").AsTask());
            Assert.Contains(Path.Combine(disk.Path, "store.db"), stopped.Message, StringComparison.Ordinal);
            Assert.Contains("Make room on the disk and start again", stopped.Message, StringComparison.Ordinal);
            Assert.Contains(instance.Log.Entries, entry => entry.Id == 1340);
        }

        await disk.GrowAsync("64m");
        await using var again = await StoreInstance.StartAsync(setup);
        var events = await again.ReadAsync("1", ReadConsistency.Strong);
        Assert.InRange(events.Count, acknowledged, acknowledged + 2);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(version => (long)version), events.Select(recorded => recorded.Version));
        Assert.Equal(events.Count + 1, (await again.NoteAsync("1", "goes on", ExpectedVersion.Exactly(events.Count))).Version);
    }

    [Fact]
    public async Task A_file_that_is_damaged_while_it_is_in_use_is_rebuilt_by_the_next_start()
    {
        using var folder = new TempFolder();
        var setup = (await SetupAsync()) with { Folder = folder.Path, Reader = reader => reader.StorePath = "store.db" };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(number => instance.NoteAsync($"{number % 50}", new string('x', 500), ExpectedVersion.Any).AsTask()));
        }

        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await instance.ReadyAsync();
            OverwriteAllButTheHeader(Path.Combine(folder.Path, "store.db"));

            var damage = await Assert.ThrowsAsync<SqliteStoreException>(() => instance.ReadAsync("7", ReadConsistency.Local));
            Assert.Contains("Start again: the file is then set aside and rebuilt from Kafka", damage.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<EventStoreStoppedException>(() => instance.NoteAsync("1", "refused").AsTask());
        }

        await using var rebuilt = await StoreInstance.StartAsync(setup);
        Assert.Equal(10, (await rebuilt.ReadAsync("7", ReadConsistency.Strong)).Count);
        Assert.Equal(500, await rebuilt.Feed.ReadAllAsync(Position.Start, cancellationToken: TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.Contains(rebuilt.Log.Entries, entry => entry.Id == 1342);
        Assert.True(File.Exists(Path.Combine(folder.Path, "store.db.unreadable")));
    }

    private static void OverwriteAllButTheHeader(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var garbage = new byte[file.Length - 4096];
        new Random(1).NextBytes(garbage);
        file.Position = 4096;
        file.Write(garbage);
    }

    private async Task<StoreSetup> SetupAsync() => new(await kafka.GetAsync(), KafkaTopics.UniqueName("files")) { Topic = topic => topic.Partitions = 1 };
}
