using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Storage;

public sealed class SqliteStreamStoreTests : StreamStoreTests, IDisposable
{
    private static readonly StreamId Account = new("account", "42");
    private static readonly StreamId Other = new("account", "ä");

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Path => System.IO.Path.Combine(_folder, "deeper", "store.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override IStreamStore Open() => Open(Path);

    [Fact]
    public async Task A_partition_never_seen_has_nothing_to_restore()
    {
        await using var store = Open();

        Assert.Null(store.OpenPartition("accounts", 0).Restore());
        Assert.Null(store.OpenPartition("accounts", 0).Restore());
    }

    [Fact]
    public async Task A_restart_restores_place_versions_window_and_last_frame()
    {
        FoldedRecord[] records = [Accepted(0, Account, 1, count: 3), Accepted(1, Other, 1), Rejected(2), Accepted(3, Account, 4), FoldedRecord.Skipped(9)];
        await WriteAsync(Path, records);

        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        var restored = partition.Restore()!;

        Assert.Equal(10, restored.Next);
        Assert.Equal(new FoldedFrame(3, records[3].Frame!.Value), restored.Last);
        Assert.Equal([(Key(Account), 4), (Key(Other), 1)], restored.Versions.Select(one => (one.Key, one.Value)).Order(ByVersion));
        Assert.Equal(
            [(Key(Account), 3, 0), (Key(Other), 1, 1), (Key(Account), 4, 3)], restored.Window.Select(append => (append.Stream, append.LastVersion, append.Offset)));
        Assert.Equal([AppendId.From("append 0"), AppendId.From("append 1"), AppendId.From("append 3")], restored.Window.Select(append => append.Id));
        Assert.Equal([3L, 4L], store.ReadStream(partition, Account, 1, 10).Select(frame => frame.LastVersion));
        Assert.Equal([0L, 1L, 3L], store.ReadPartition(partition, 0, 10).Select(frame => frame.Offset));
        Assert.Equal(["account-42", "account-ä", "account-42"], store.ReadPartition(partition, 0, 10).Select(frame => frame.Stream));
    }

    [Fact]
    public async Task A_restart_restores_only_as_many_appends_as_are_remembered()
    {
        await WriteAsync(Path, Accepted(0, Account, 1), Accepted(1, Account, 2), Accepted(2, Account, 3));

        await using var store = new SqliteStreamStore(Path, windowSize: 2, NullLogger.Instance);
        Assert.Equal([1L, 2L], store.OpenPartition("accounts", 3).Restore()!.Window.Select(append => append.Offset));
    }

    [Fact]
    public async Task Versions_beyond_32_bits_are_kept_read_and_restored()
    {
        const long Version = 3_000_000_001;
        await WriteAsync(Path, Accepted(5_000_000_000, Account, Version, count: 2), Accepted(5_000_000_001, Account, Version + 2));

        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        var restored = partition.Restore()!;
        Assert.Equal((5_000_000_002, Version + 2), (restored.Next, Assert.Single(restored.Versions).Value));
        Assert.Equal([Version + 1, Version + 2], store.ReadStream(partition, Account, Version, 10).Select(frame => frame.LastVersion));
        Assert.Equal([Version + 2], store.ReadStream(partition, Account, Version + 2, 10).Select(frame => frame.LastVersion));

        var fold = new PartitionFold(12);
        restored.RestoreTo(fold);
        Assert.Equal(Verdict.Accepted, fold.Fold(5_000_000_002, Accepted(5_000_000_002, Account, Version + 3).Frame!.Value));
    }

    [Fact]
    public async Task A_page_ends_when_its_frames_are_large_and_says_so()
    {
        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        partition.Restore();
        await CommitAsync(partition, [.. Enumerable.Range(0, 12).Select(offset => Accepted(offset, Account, offset + 1) with { Value = new byte[1 << 20] })]);

        var offsets = new List<long>();
        IReadOnlyList<StoredFrame> page;

        do
        {
            page = store.ReadPartition(partition, offsets.Count, 256);
            Assert.InRange(page.Count, 0, 4);
            Assert.Equal(page.Select(frame => frame.Offset), store.ReadStream(partition, Account, offsets.Count + 1, 256).Select(frame => frame.Offset));
            offsets.AddRange(page.Select(frame => frame.Offset));
        }
        while (!IStreamStore.IsLast(page, 256));

        Assert.Equal(Enumerable.Range(0, 12).Select(offset => (long)offset), offsets);
    }

    [Fact]
    public async Task Streams_go_on_after_a_restart()
    {
        await WriteAsync(Path, Accepted(0, Account, 1));
        await WriteAsync(Path, Accepted(1, Account, 2), Accepted(2, Other, 1));

        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        Assert.Equal(3, partition.Restore()!.Next);
        Assert.Equal([1L, 2L], store.ReadStream(partition, Account, 1, 10).Select(frame => frame.LastVersion));
        Assert.Equal([1L], store.ReadStream(partition, Other, 1, 10).Select(frame => frame.LastVersion));
        Assert.Empty(store.ReadStream(partition, new StreamId("account", "unknown"), 1, 10));
    }

    [Fact]
    public async Task Partitions_and_topics_do_not_mix()
    {
        await using var store = Open();
        var partitions = new[] { ("accounts", 0), ("accounts", 1), ("orders", 0) }.Select(one => store.OpenPartition(one.Item1, one.Item2)).ToList();

        foreach (var (number, partition) in partitions.Index())
        {
            await CommitAsync(partition, [.. Enumerable.Range(0, number + 1).Select(offset => Accepted(offset, Account, offset + 1))]);
        }

        Assert.Equal([1, 2, 3], partitions.Select(partition => store.ReadStream(partition, Account, 1, 10).Count));
        Assert.Equal([1, 2, 3], partitions.Select(partition => store.ReadPartition(partition, 0, 10).Count));
    }

    [Fact]
    public async Task What_a_crash_left_uncommitted_is_repeated_and_changes_nothing_else()
    {
        FoldedRecord[] committed = [Accepted(0, Account, 1), Accepted(1, Account, 2)];
        FoldedRecord[] lost = [Accepted(2, Account, 3), Accepted(3, Other, 1)];
        var crashed = System.IO.Path.Combine(_folder, "crashed.db");

        await using (var store = Open())
        {
            await CommitAsync(store.OpenPartition("accounts", 3), committed);

            // The files as a crash leaves them: a log of writes that nobody closed.
            File.Copy(Path, crashed);
            File.Copy(Path + "-wal", crashed + "-wal");
        }

        await using var again = Open(crashed);
        var partition = again.OpenPartition("accounts", 3);
        Assert.Equal(2, partition.Restore()!.Next);
        await CommitAsync(partition, lost);
        Assert.Equal([1L, 2L, 3L], again.ReadStream(partition, Account, 1, 10).Select(frame => frame.LastVersion));
        Assert.Equal([1L], again.ReadStream(partition, Other, 1, 10).Select(frame => frame.LastVersion));
    }

    [Fact]
    public async Task A_file_that_a_crash_tore_within_a_commit_goes_back_to_the_commit_before()
    {
        var crashed = System.IO.Path.Combine(_folder, "torn.db");

        await using (var store = Open())
        {
            var partition = store.OpenPartition("accounts", 3);
            await CommitAsync(partition, Accepted(0, Account, 1));
            File.Copy(Path, crashed);
            var before = new FileInfo(Path + "-wal").Length;
            await CommitAsync(partition, Accepted(1, Account, 2));
            using var log = File.Open(Path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var torn = new byte[before + ((log.Length - before) / 2)];
            await log.ReadExactlyAsync(torn, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(crashed + "-wal", torn, TestContext.Current.CancellationToken);
        }

        await using var again = Open(crashed);
        Assert.Equal(1, again.OpenPartition("accounts", 3).Restore()!.Next);
    }

    [Fact]
    public async Task A_file_in_use_is_refused_until_it_is_free()
    {
        await using (Open())
        {
            var refused = Assert.Throws<SqliteStoreException>(Open);
            Assert.StartsWith($"SQLite file '{Path}': another process uses it. Each process needs a read store of its own: give it another path", refused.Message, StringComparison.Ordinal);
            Assert.Equal((Path, false), (refused.Path, refused.IsTransient));
        }

        await Open().DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_set_aside_and_a_new_one_begun()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, new string('x', 4096), TestContext.Current.CancellationToken);

        await WriteAsync(Path, Accepted(0, Account, 1));

        Assert.Equal(new string('x', 4096), await File.ReadAllTextAsync(Path + ".unreadable", TestContext.Current.CancellationToken));
        await using var store = Open();
        Assert.Equal(1, store.OpenPartition("accounts", 3).Restore()!.Next);
    }

    [Theory]
    [InlineData("CREATE TABLE customers (id INTEGER)", "application id 0, schema 0")]
    [InlineData("PRAGMA application_id=7", "application id 7, schema 0")]
    [InlineData("PRAGMA application_id=1297106259; PRAGMA user_version=3", "application id 1297106259, schema 3")]
    public void The_database_of_another_application_or_schema_is_refused(string sql, string found)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);

        using (var database = SqliteDatabase.Open(Path, readOnly: false))
        {
            database.Execute(sql);
        }

        var refused = Assert.Throws<SqliteStoreException>(Open);

        Assert.Equal(
            $"SQLite file '{Path}': expected a Messaging.Patterns event store of schema 2, but found {found}. Give another path, or delete the file: it is rebuilt from Kafka.",
            refused.Message);
    }

    [Fact]
    public async Task A_full_disk_stops_the_store_for_good_and_loses_nothing_committed()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        using var database = SqliteSchema.OpenForWriting(Path, NullLogger.Instance);
        database.Execute("PRAGMA max_page_count=40");
        await using var writer = new SqliteWriter(database, new StoreBacklog(), NullLogger.Instance);
        var partition = writer.OpenPartition("accounts", 3);
        var (failed, waiters) = (new TaskCompletionSource<MessagingException>(), new OffsetWaiters());
        (partition.Failed, partition.Committed) = (failed.SetResult, waiters.Advance);

        for (var offset = 0; !failed.Task.IsCompleted; offset++)
        {
            partition.Append(Accepted(offset, Account, offset + 1) with { Value = new byte[10_000] });
        }

        var failure = Assert.IsType<SqliteStoreException>(await failed.Task);
        Assert.Equal((raw.SQLITE_FULL, false), (failure.Code, failure.IsTransient));
        partition.Append(Accepted(1_000_000, Account, 1_000_001));
        writer.Backlog.Wait(TestContext.Current.CancellationToken);
        MessagingException? toldLate = null;
        writer.OpenPartition("orders", 0).Failed = told => toldLate = told;
        Assert.Same(failure, toldLate);

        using var reader = new SqliteReader(Path);
        Assert.Equal(waiters.Passed, reader.ReadPartition(partition.Id, 0, 1_000).Count);
    }

    private static readonly Comparer<(StreamKey Stream, long Version)> ByVersion =
        Comparer<(StreamKey Stream, long Version)>.Create((x, y) => y.Version.CompareTo(x.Version));

    private static SqliteStreamStore Open(string path) => new(path, windowSize: 10, NullLogger.Instance);

    private static StreamKey Key(StreamId stream) => StreamKeys.Of(stream, out _);

    private static FoldedRecord Rejected(long offset) => new(offset, Accepted(offset, Account, 1).Frame, false, [], []);

    private static async Task WriteAsync(string path, params FoldedRecord[] records)
    {
        await using var store = Open(path);
        var partition = store.OpenPartition("accounts", 3);
        partition.Restore();
        await CommitAsync(partition, records);
    }

    private static async Task CommitAsync(IPartitionStore partition, params FoldedRecord[] records)
    {
        var waiters = new OffsetWaiters();
        partition.Committed = waiters.Advance;

        foreach (var record in records)
        {
            partition.Append(record);
        }

        await waiters.WaitAsync(records[^1].Offset + 1, TestContext.Current.CancellationToken);
    }
}
