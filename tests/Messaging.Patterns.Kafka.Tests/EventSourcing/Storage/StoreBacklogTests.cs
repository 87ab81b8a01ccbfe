using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Storage;

/// <summary>What a store that is held up keeps in memory is bounded, by records and by bytes.</summary>
public sealed class StoreBacklogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Path => System.IO.Path.Combine(_folder, "store.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(10, 1_000_000)]
    [InlineData(1_000, 10_000)]
    public void Appends_are_held_back_at_half_of_what_the_tail_may_add(int maxRecords, int maxBytes)
    {
        var backlog = new StoreBacklog(maxRecords, maxBytes);
        var made = 0;
        backlog.RoomMade = () => made++;

        for (var count = 0; count < 5; count++)
        {
            Assert.True(backlog.HasRoomForAppends);
            backlog.Add(RecordOf(1_000));
        }

        Assert.False(backlog.HasRoomForAppends);
        backlog.Wait(TestContext.Current.CancellationToken);
        backlog.Remove(1, 1_000);
        Assert.True(backlog.HasRoomForAppends);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task A_file_that_somebody_holds_blocks_the_tail_at_the_bound_and_not_for_good()
    {
        const int Size = 10_000;
        using var database = SqliteSchema.OpenForWriting(Path, NullLogger.Instance);
        var backlog = new StoreBacklog(maxRecords: 1_000, maxBytes: 50 * Size);
        await using var writer = new SqliteWriter(database, backlog, NullLogger.Instance);
        var partition = writer.OpenPartition("accounts", 3);
        var committed = new OffsetWaiters();
        partition.Committed = committed.Advance;
        using var other = SqliteDatabase.Open(Path, readOnly: false);
        other.Execute("BEGIN IMMEDIATE");

        for (var offset = 0; offset < 50; offset++)
        {
            backlog.Wait(TestContext.Current.CancellationToken);
            partition.Append(RecordOf(Size, offset));
        }

        Assert.Equal((50, 50L * Size), (backlog.Records, backlog.Bytes));
        var blocked = Task.Run(() => backlog.Wait(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
        Assert.ThrowsAny<OperationCanceledException>(() => backlog.Wait(impatient.Token));
        Assert.False(blocked.IsCompleted);

        other.Execute("COMMIT");
        await blocked;
        await committed.WaitAsync(50, TestContext.Current.CancellationToken);
        Assert.True(backlog.HasRoomForAppends);
    }

    [Fact]
    public void A_store_that_failed_makes_nobody_wait()
    {
        var backlog = new StoreBacklog(maxRecords: 1, maxBytes: 1);
        backlog.Add(RecordOf(10));

        backlog.Open();
        backlog.Add(RecordOf(10));

        backlog.Wait(TestContext.Current.CancellationToken);
        Assert.Equal((0, 0L), (backlog.Records, backlog.Bytes));
    }

    private static FoldedRecord RecordOf(int bytes, long offset = 0) =>
        StreamStoreTests.Accepted(offset, new StreamId("account", "42"), offset + 1) with { Key = "account-42"u8.ToArray(), Value = new byte[bytes - 10] };
}
