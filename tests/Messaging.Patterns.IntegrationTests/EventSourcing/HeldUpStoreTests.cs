using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>A read store that cannot keep up with what its own process appends.</summary>
public sealed class HeldUpStoreTests(OneNodeKafka kafka)
{
    private const int Pending = 1_000;
    private const int LetIn = StoreBacklog.DefaultRecords / 2;

    [Fact]
    public async Task Appends_wait_for_a_read_store_that_is_held_up_and_memory_stays_bounded()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("held-up-").FullName, "store.db");
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("held-up"))
        {
            Writer = writer => (writer.MaxPendingAppends, writer.AppendTimeout) = (Pending, TimeSpan.FromMinutes(2)),
            Reader = reader => reader.StorePath = path,
        };

        await using (var instance = (await StoreInstance.StartAllAsync(setup))[0])
        {
            var backlog = instance.EventLog.Context.Store!.Backlog;
            using var other = SqliteDatabase.Open(path, readOnly: false);
            other.Execute("BEGIN IMMEDIATE");

            var appends = Enumerable.Range(0, LetIn + (5 * Pending)).Select(number => instance.NoteAsync($"{number % Pending}", "text", ExpectedVersion.Any).AsTask()).ToList();
            await Task.WhenAll(appends.Take(LetIn - Pending));

            await AssertHeldBackAsync(instance, backlog);
            Assert.All(appends.Skip(LetIn + (2 * Pending)), append => Assert.False(append.IsCompleted));
            Assert.InRange(backlog.Records, LetIn - Pending, LetIn + (2 * Pending));

            other.Execute("COMMIT");
            var results = await Task.WhenAll(appends);
            Assert.Equal(results[^1].Version, (await instance.ReadAsync($"{Pending - 1}", ReadConsistency.Session(results[^1].Position))).Count);
        }

        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static async Task AssertHeldBackAsync(StoreInstance instance, StoreBacklog backlog)
    {
        // The last of those let in may still be under way.
        while (backlog.HasRoomForAppends)
        {
            await Task.Yield();
        }

        var late = await Assert.ThrowsAsync<ReadStoreBehindException>(
            () => instance.NoteAsync("late", "text", ExpectedVersion.Any, new AppendOptions { Timeout = TimeSpan.FromMilliseconds(1) }).AsTask());
        Assert.True(late.IsTransient);
        using var cancelled = new CancellationTokenSource();
        var given = instance.NoteAsync("cancelled", "text", ExpectedVersion.Any, cancellationToken: cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
    }
}
