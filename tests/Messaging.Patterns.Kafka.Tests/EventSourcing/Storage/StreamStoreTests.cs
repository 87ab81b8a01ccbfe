using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Memory;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Storage;

/// <summary>What every stream store must do.</summary>
public abstract class StreamStoreTests
{
    private static readonly StreamId Account = new("account", "42");

    private protected abstract IStreamStore Open();

    [Fact]
    public async Task Everything_committed_is_read_however_it_was_batched()
    {
        await using var store = Open();
        var partition = store.OpenPartition("accounts", 3);
        var waiters = new OffsetWaiters();
        partition.Committed = waiters.Advance;

        for (var offset = 0; offset < 3_000; offset++)
        {
            partition.Append(Accepted(offset, Account, offset + 1));

            if (offset < 200 || offset % 97 == 0)
            {
                await waiters.WaitAsync(offset + 1, TestContext.Current.CancellationToken);
                Assert.Equal(offset + 1, store.ReadStream(partition, Account, 1, 10_000).Count);
            }
        }

        await waiters.WaitAsync(3_000, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 3_000).Select(offset => (long)offset), store.ReadPartition(partition, 0, 10_000).Select(frame => frame.Offset));
        Assert.Equal([17L, 18L], store.ReadStream(partition, Account, 17, 2).Select(frame => frame.LastVersion));
    }

    [Fact]
    public async Task Nothing_is_lost_when_partitions_are_written_and_read_at_the_same_time()
    {
        const int Count = 20_000;
        await using var store = Open();
        var partitions = Enumerable.Range(0, 4).Select(number => store.OpenPartition("accounts", number)).ToList();
        var waiters = partitions.Select(_ => new OffsetWaiters()).ToList();
        var written = partitions.Select((partition, number) => Task.Run(
            () =>
            {
                partition.Committed = waiters[number].Advance;

                for (var offset = 0; offset < Count; offset++)
                {
                    partition.Append(Accepted(offset, new StreamId("account", $"{number}x{offset % 100}"), (offset / 100) + 1));
                }
            },
            TestContext.Current.CancellationToken));
        var read = partitions.Select((partition, number) => Task.Run(
            () =>
            {
                while (waiters[number].Passed < Count)
                {
                    var passed = waiters[number].Passed;
                    Assert.Equal(passed, store.ReadPartition(partition, 0, Count).Count(frame => frame.Offset < passed));
                }
            },
            TestContext.Current.CancellationToken));

        await Task.WhenAll(written.Concat(read));

        foreach (var partition in partitions)
        {
            Assert.Equal(Count, store.ReadPartition(partition, 0, Count).Count);
        }
    }

    internal static FoldedRecord Accepted(long offset, StreamId stream, long version, int count = 1)
    {
        var key = StreamKeys.Of(stream, out var name);
        var frame = new FrameHeader(key, AppendId.From($"append {offset}"), version, count, offset, 12);
        return new FoldedRecord(offset, frame, true, name, Encoding.UTF8.GetBytes($"frame {offset}"));
    }
}

public sealed class MemoryStreamStoreTests : StreamStoreTests
{
    private protected override IStreamStore Open() => new MemoryStreamStore();
}
