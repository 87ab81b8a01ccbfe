using Messaging.Patterns.ContractTests;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

public sealed class AppendRoomTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Appends_beyond_the_count_wait_and_come_in_by_order()
    {
        var room = new AppendRoom(2, 1_000, null, _clock);
        Assert.True(room.TryEnter(1));
        Assert.True(room.TryEnter(1));
        Assert.False(room.TryEnter(1));
        var (first, second) = (EnterAsync(room, 1), EnterAsync(room, 1));
        Assert.False(first.IsCompleted);

        room.Leave(1);

        await first;
        Assert.False(second.IsCompleted);
        Assert.False(room.TryEnter(1));
        room.Leave(1);
        await second;
    }

    [Fact]
    public async Task Appends_beyond_the_bytes_wait_and_a_larger_one_goes_alone()
    {
        var room = new AppendRoom(10, 100, null, _clock);
        Assert.True(room.TryEnter(60));
        var (large, small) = (EnterAsync(room, 500), EnterAsync(room, 1));

        room.Leave(60);

        await large;
        Assert.False(small.IsCompleted);
        room.Leave(500);
        await small;
    }

    [Fact]
    public async Task Appends_wait_for_the_read_store()
    {
        var backlog = new StoreBacklog(maxRecords: 4);
        var room = new AppendRoom(10, 1_000, backlog, _clock);
        backlog.RoomMade = room.StoreCaughtUp;
        backlog.Add(FoldedRecord.Skipped(0));
        Assert.True(room.TryEnter(1));
        backlog.Add(FoldedRecord.Skipped(1));
        Assert.False(room.TryEnter(1));
        var held = EnterAsync(room, 1);

        // An append that is answered makes room for none while the store is behind.
        room.Leave(1);
        Assert.False(held.IsCompleted);

        backlog.Remove(1, 0);
        await held;
    }

    [Fact]
    public async Task Whoever_gives_up_leaves_the_line_and_lets_the_next_in()
    {
        var room = new AppendRoom(10, 100, null, _clock);
        Assert.True(room.TryEnter(60));
        using var cancelled = new CancellationTokenSource();
        var large = room.EnterAsync(90, TimeSpan.FromHours(1), cancelled.Token);
        var late = room.EnterAsync(90, TimeSpan.FromSeconds(1), CancellationToken.None);
        var small = EnterAsync(room, 40);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.False(small.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => late);

        await small;
        Assert.Equal(0, room.Waiting);
    }

    [Fact]
    public async Task No_room_is_lost_when_callers_give_up_while_they_are_let_in()
    {
        var room = new AppendRoom(3, 30, null, _clock);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var call = 0; call < 2_000; call++)
            {
                using var source = new CancellationTokenSource();
                var entering = room.EnterAsync(10, TimeSpan.FromHours(1), source.Token);

                if ((call + worker) % 3 == 0)
                {
                    await source.CancelAsync();
                }

                try
                {
                    await entering;
                    room.Leave(10);
                }
                catch (OperationCanceledException)
                {
                }
            }
        })));

        Assert.True(room.TryEnter(10) && room.TryEnter(10) && room.TryEnter(10));
        Assert.False(room.TryEnter(0));
    }

    private static Task EnterAsync(AppendRoom room, long bytes) => room.EnterAsync(bytes, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
}
