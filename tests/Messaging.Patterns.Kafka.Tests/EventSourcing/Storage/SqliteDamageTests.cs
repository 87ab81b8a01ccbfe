using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Storage;

/// <summary>A damaged file is set aside and begun anew, wherever the damage is found; a stranger's is left alone.</summary>
public sealed class SqliteDamageTests : IDisposable
{
    private const int Records = 400;
    private const int PageSize = 4096;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Path => System.IO.Path.Combine(_folder, "store.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_with_a_damaged_header_is_set_aside_when_it_is_opened()
    {
        await FillAsync();
        var damaged = Damage(0, 100);

        await AssertBegunAnewAsync();
        Assert.Equal(damaged, await File.ReadAllBytesAsync(Path + ".unreadable", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_in_which_what_a_start_reads_is_damaged_is_set_aside_by_that_start()
    {
        await FillAsync();
        var damaged = Damage(PageSize, (int)new FileInfo(Path).Length - PageSize);

        // The header is whole, so it is opened.
        await using (var store = Open())
        {
            Assert.False(File.Exists(Path + ".unreadable"));
            Assert.Null(store.OpenPartition("accounts", 3).Restore());
        }

        Assert.Equal(damaged, await File.ReadAllBytesAsync(Path + ".unreadable", TestContext.Current.CancellationToken));
        await AssertBegunAnewAsync();
    }

    [Fact]
    public async Task A_file_cut_off_in_the_middle_is_set_aside()
    {
        await FillAsync();
        await using (var file = File.OpenWrite(Path))
        {
            file.SetLength(file.Length / 2 / PageSize * PageSize);
        }

        await AssertBegunAnewAsync();
    }

    [Fact]
    public async Task A_file_that_does_not_fit_together_is_set_aside()
    {
        foreach (var harm in new[] { "DELETE FROM frames", "UPDATE frames SET append = x'00'", "UPDATE frames SET stream = 999 WHERE offset = 399", "UPDATE partitions SET last = x'0102'" })
        {
            await FillAsync();

            using (var database = SqliteDatabase.Open(Path, readOnly: false))
            {
                database.Execute(harm);
            }

            await AssertBegunAnewAsync();
            File.Delete(Path);
        }
    }

    [Fact]
    public async Task Damage_that_a_read_finds_stops_the_store_and_the_next_start_sets_the_file_aside()
    {
        await FillAsync();
        await using (var store = Open())
        {
            var partition = store.OpenPartition("accounts", 3);
            MessagingException? told = null;
            partition.Failed = failure => told = failure;
            Assert.Equal(Records, partition.Restore()!.Next);
            Damage(PageSize, (int)new FileInfo(Path).Length - PageSize);

            var thrown = Assert.Throws<SqliteStoreException>(() => store.ReadStream(partition, Stream(1), 1, 10));

            Assert.Equal(raw.SQLITE_CORRUPT, thrown.Code);
            Assert.Contains("Start again: the file is then set aside and rebuilt from Kafka", thrown.Message, StringComparison.Ordinal);
            Assert.Same(thrown, told);
            Assert.False(File.Exists(Path + ".unreadable"));
        }

        await AssertBegunAnewAsync();
        Assert.True(File.Exists(Path + ".unreadable"));
        Assert.False(File.Exists(Path + ".damaged"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_crash_while_a_file_is_set_aside_does_the_rest_at_the_next_start(int moved)
    {
        await FillAsync();
        SqliteDamage.Mark(Path);
        string[] parts = [Path + "-wal", Path];
        await File.WriteAllTextAsync(parts[0], "the log of writes", TestContext.Current.CancellationToken);

        foreach (var part in parts.Take(moved))
        {
            File.Move(part, Path + ".unreadable" + part[Path.Length..]);
        }

        await AssertBegunAnewAsync();
        Assert.True(File.Exists(Path + ".unreadable"));
        Assert.Equal("the log of writes", await File.ReadAllTextAsync(Path + ".unreadable-wal", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Garbage_in_place_of_the_log_of_writes_loses_only_what_the_tail_repeats()
    {
        await FillAsync();
        await File.WriteAllBytesAsync(Path + "-wal", Garbage(20_000), TestContext.Current.CancellationToken);

        await using var store = Open();
        Assert.Equal(Records, store.OpenPartition("accounts", 3).Restore()!.Next);
    }

    [Fact]
    public void A_folder_in_which_nothing_may_be_written_is_named_with_the_remedy()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/sys takes no files on Linux, whoever asks.");

        var refused = Assert.Throws<SqliteStoreException>(() => new SqliteStreamStore("/sys/store.db", windowSize: 10, NullLogger.Instance));

        Assert.StartsWith("SQLite file '/sys/store.db': it cannot be opened: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("right to write to the folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_schema_1_is_migrated_with_all_that_it_holds()
    {
        await FillAsync();

        using (var database = SqliteDatabase.Open(Path, readOnly: false))
        {
            database.Execute("ALTER TABLE partitions DROP COLUMN cluster; ALTER TABLE partitions DROP COLUMN topic_id; PRAGMA user_version=1");
        }

        for (var start = 0; start < 2; start++)
        {
            await using var store = Open();
            var partition = store.OpenPartition("accounts", 3);
            var restored = partition.Restore()!;
            Assert.Equal((Records, start == 0 ? ("", "") : ("cluster", "topic")), (restored.Next, (restored.Identity.Cluster, restored.Identity.Topic)));
            Assert.Equal(20, store.ReadStream(partition, Stream(1), 1, 100).Count);
            partition.Adopt(new("cluster", "topic"));
        }
    }

    private static StreamId Stream(int number) => new("account", $"{number}");

    private static byte[] Garbage(int length)
    {
        var garbage = new byte[length];
        new Random(1).NextBytes(garbage);
        return garbage;
    }

    private SqliteStreamStore Open() => new(Path, windowSize: 100, NullLogger.Instance);

    private byte[] Damage(int from, int length)
    {
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = from;
            file.Write(Garbage(length));
        }

        return File.ReadAllBytes(Path);
    }

    private async Task FillAsync()
    {
        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        partition.Restore();
        await AppendAsync(partition, 0, Records);
    }

    private async Task AssertBegunAnewAsync()
    {
        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        Assert.Null(partition.Restore());
        await AppendAsync(partition, 0, 20);
        Assert.Single(store.ReadStream(partition, Stream(1), 1, 10));
    }

    private static async Task AppendAsync(IPartitionStore partition, int from, int to)
    {
        var waiters = new OffsetWaiters();
        partition.Committed = waiters.Advance;

        for (var offset = from; offset < to; offset++)
        {
            var key = StreamKeys.Of(Stream(offset % 20), out var name);
            var frame = new FrameHeader(key, AppendId.From($"append {offset}"), (offset / 20) + 1, 1, offset, 12);
            partition.Append(new FoldedRecord(offset, frame, true, name, Encoding.UTF8.GetBytes(new string('x', 500))));
        }

        await waiters.WaitAsync(to, TestContext.Current.CancellationToken);
    }
}
