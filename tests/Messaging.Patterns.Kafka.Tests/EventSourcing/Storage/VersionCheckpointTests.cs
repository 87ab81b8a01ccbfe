using System.IO.Hashing;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Storage;

public sealed class VersionCheckpointTests : IDisposable
{
    private static readonly StreamKey Stream = new(UInt128.MaxValue - 5);
    private static readonly FoldedFrame Last = new(41, new FrameHeader(Stream, AppendId.From("last"), 7, 2, 40, 12));

    private static readonly PartitionCheckpoint Full = new(
        42,
        Last,
        [new(Stream, 8), new(new StreamKey(3), long.MaxValue)],
        [new(new StreamKey(3), AppendId.From("first"), 4, 17), new(Stream, AppendId.From("last"), 8, 41)])
    {
        Identity = new TopicIdentity("cluster", "topic"),
        CoveredFrom = 17,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Path => System.IO.Path.Combine(_folder, "deeper", "versions.bin");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_saved_is_found_again()
    {
        Save(("accounts", 0, Full), ("accounts", 11, new(0, null, [], [])), ("orders", 0, new(1, null, [], [])));

        Assert.Equivalent(Full, Find("accounts", 0), strict: true);
        Assert.Equivalent(new PartitionCheckpoint(0, null, [], []), Find("accounts", 11), strict: true);
        Assert.Equal(1, Find("orders", 0)!.Next);
        Assert.Null(Find("orders", 1));
        Assert.Null(Find("Accounts", 0));
    }

    [Fact]
    public void The_newest_takes_the_place_of_the_older()
    {
        Save(("accounts", 0, Full));
        Save(("accounts", 0, Full with { Next = 43 }));

        Assert.Equal(43, Find("accounts", 0)!.Next);
        Assert.Equal([Path], Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!));
    }

    [Fact]
    public void A_write_that_did_not_end_leaves_the_older_one()
    {
        Save(("accounts", 0, Full));
        File.WriteAllBytes(Path + ".new", File.ReadAllBytes(Path)[..50]);

        Assert.Equal(42, Find("accounts", 0)!.Next);
    }

    [Fact]
    public void Without_a_file_nothing_is_found() => Assert.Null(Find("accounts", 0));

    [Fact]
    public void A_truncated_file_is_as_good_as_none()
    {
        Save(("accounts", 0, Full));
        var bytes = File.ReadAllBytes(Path);

        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(Path, bytes[..length]);
            Assert.Null(Find("accounts", 0));
        }
    }

    [Fact]
    public void A_file_with_one_flipped_bit_is_as_good_as_none()
    {
        Save(("accounts", 0, Full));
        var bytes = File.ReadAllBytes(Path);

        for (var at = 0; at < bytes.Length; at++)
        {
            var flipped = bytes.ToArray();
            flipped[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(Path, flipped);
            Assert.Null(Find("accounts", 0));
        }
    }

    [Fact]
    public void A_file_of_another_version_is_as_good_as_none()
    {
        Save(("accounts", 0, Full));
        var bytes = File.ReadAllBytes(Path);
        bytes[0]++;
        XxHash128.Hash(bytes.AsSpan(..^16)).CopyTo(bytes.AsSpan(^16..));
        File.WriteAllBytes(Path, bytes);

        Assert.Null(Find("accounts", 0));
    }

    [Fact]
    public void An_unreadable_file_is_set_aside_and_does_not_stand_in_the_way_of_the_next()
    {
        Save(("accounts", 0, Full));
        File.WriteAllText(Path, "something else");

        Save(("accounts", 0, Full with { Next = 43 }));

        Assert.Equal("something else", File.ReadAllText(Path + ".unreadable"));
        Assert.Equal(43, Find("accounts", 0)!.Next);
    }

    [Fact]
    public void Its_window_is_enough_for_as_many_appends_as_it_holds_or_where_none_was_forgotten()
    {
        Assert.Equal((true, false), (Full.Covers(2), Full.Covers(3)));
        Assert.True((Full with { CoveredFrom = 0 }).Covers(10_000));
    }

    [Fact]
    public void A_fold_goes_on_where_it_stopped()
    {
        var fold = new PartitionFold(12, windowCapacity: 1);
        Full.RestoreTo(fold);

        Assert.Equal((42, Last), (fold.Position, fold.Last));
        Assert.Equal((8, long.MaxValue, 0), (fold.Versions[Stream], fold.Versions[new StreamKey(3)], fold.Versions[new StreamKey(4)]));
        Assert.Equal(Verdict.Rejected, fold.Fold(42, Last.Header));
        Assert.Equal(Verdict.Accepted, fold.Fold(43, Last.Header with { FirstVersion = 9 }));
    }

    [Fact]
    public void A_smaller_window_keeps_the_newest_appends_and_knows_from_where()
    {
        var fold = new PartitionFold(12, windowCapacity: 1);
        Full.RestoreTo(fold);

        Assert.Equal([Full.Window.Last()], fold.Window.Appends);
        Assert.Equal(18, fold.Window.CoveredFrom);
    }

    private void Save(params (string Topic, int Partition, PartitionCheckpoint Checkpoint)[] partitions) =>
        new VersionCheckpoint(Path, NullLogger.Instance).Save(partitions.ToDictionary(one => (one.Topic, one.Partition), one => one.Checkpoint));

    private PartitionCheckpoint? Find(string topic, int partition) => new VersionCheckpoint(Path, NullLogger.Instance).Find(topic, partition);
}
